import Foundation
import Testing

@Suite("Bad input")
struct InputTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
  }

  @Test(arguments: [
    ("mnits", "did you mean mnist?"), ("fashion-mnits", "did you mean fashion-mnist?"), ("./nowhere", "./nowhere"),
    ("bars/notes", "nor an existing folder"),
  ])
  func unknownDataSets(name: String, hint: String) throws {
    try sandbox.write(Data("a file of another kind\n".utf8), to: "bars/notes")
    expect(try sandbox.unroll("train", name, "--quiet"), failsWith: 66, saying: hint)
    expect(try sandbox.unroll("train", name, "--quiet", "--output", "a/b"), failsWith: 66, saying: hint)
    #expect(try sandbox.names() == ["bars"], "a run that fails at once leaves no folder")
  }

  /// Each file, spoiled in a way, and what it leads to. Training has not begun then.
  @Test(arguments: [
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
  ])
  func spoiledFiles(name: String) throws {
    let path = "bars/\(name)"
    let whole = try sandbox.data(path)
    func expectFailure(_ status: Int32, _ what: String) throws {
      let outcome = try sandbox.unroll(["train", "bars", "--quiet"] + quickly)
      expect(outcome, failsWith: status, saying: name)
      #expect(try sandbox.names() == ["bars"], "\(what)")
    }
    for (what, bytes) in [
      ("cut off", whole.dropLast()), ("too long", whole + [0]), ("empty", Data()),
      ("another magic", [1] + whole.dropFirst()), ("no gzip", [0x1f, 0x8b] + whole.dropFirst(2)),
      ("text", Data("no images\n".utf8)),
    ] {
      try sandbox.write(Data(bytes), to: path)
      try expectFailure(65, what)
    }
    try FileManager.default.removeItem(at: sandbox.file(path))
    try expectFailure(66, "missing")
    try FileManager.default.createDirectory(at: sandbox.file(path), withIntermediateDirectories: true)
    try expectFailure(66, "a folder")
  }

  @Test func anEmptyDataSet() throws {
    try sandbox.write(idx([0, 8, 8], []), to: "bars/train-images-idx3-ubyte")
    try sandbox.write(idx([0], []), to: "bars/train-labels-idx1-ubyte")
    expect(try sandbox.unroll("train", "bars", "--quiet"), failsWith: 65)
  }

  @Test func anEmptyFolder() throws {
    try sandbox.write(Data(), to: "empty/.hidden")
    expect(
      try sandbox.unroll("train", "empty", "--quiet"), failsWith: 66, saying: "empty: holds none of the four IDX files",
      "folders of images", "(ts, csv, ")
    expect(try sandbox.unroll("train", "", "--quiet"), failsWith: 64, saying: "the data set: names nothing")
  }

  @Test func partsThatDoNotFitEachOther() throws {
    try Bars(side: 9).write(to: sandbox.file("nine"))
    for name in ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] {
      try sandbox.write(try sandbox.data("nine/\(name)"), to: "bars/\(name)")
    }
    expect(try sandbox.unroll("train", "bars", "--quiet"), failsWith: 65, saying: "9×9", "8×8")
    try Bars(testClasses: 4).write(to: sandbox.file("bars"))
    expect(try sandbox.unroll("train", "bars", "--quiet"), failsWith: 65, saying: "label 3", "3 classes")
    #expect(try sandbox.names() == ["bars", "nine"])
  }

  @Test(arguments: ["steps", "early", "evaluate", "predict"])
  func modelsThatAreNone(command: String) throws {
    let more = command == "predict" ? ["0"] : []
    func outcome(_ model: String) throws -> Outcome { try sandbox.unroll([command, model] + more) }
    expect(try outcome("nowhere"), failsWith: 66, saying: "nowhere")
    expect(try outcome("no\nwhere"), failsWith: 66, saying: "no where")
    expect(try outcome("bars"), failsWith: 66, saying: "holds no model.safetensors")
    expect(try outcome("bars/t10k-labels-idx1-ubyte"), failsWith: 65, saying: "t10k-labels-idx1-ubyte")
    try sandbox.write(Data(), to: "empty.safetensors")
    expect(try outcome("empty.safetensors"), failsWith: 65, saying: "empty.safetensors")
    expect(try outcome("/dev/null"), failsWith: 66, saying: "not a regular file")
  }

  @Test(arguments: ["steps", "evaluate", "predict"])
  func dataOfAnotherSizeThanTheModels(command: String) throws {
    let more = command == "predict" ? ["0"] : []
    expectQuietSuccess(try sandbox.unroll(["train", "bars", "--output", "run", "--quiet"] + quickly))
    let before = try sandbox.contents("run")
    try Bars(side: 9).write(to: sandbox.file("nine"))
    let sized = try sandbox.unroll([command, "run", "--data", "nine"] + more)
    expect(sized, failsWith: 65, saying: "9×9", "8×8")
    try Bars(testClasses: 4).write(to: sandbox.file("four"))
    let labelled = try sandbox.unroll([command, "run", "--data", "four"] + more)
    expect(labelled, failsWith: 65, saying: "label 3", "3 classes")
    expect(try sandbox.unroll([command, "run", "--data", "no"] + more), failsWith: 66, saying: "no")
    try FileManager.default.removeItem(at: sandbox.file("bars"))
    expect(try sandbox.unroll([command, "run"] + more), failsWith: 66, saying: "--data")
    #expect(try sandbox.contents("run") == before)
  }

  /// Data that are not on the machine and cannot be fetched. The sandbox knows no mirror that answers.
  @Test func dataThatCannotBeFetched() throws {
    for arguments in [["train", "--quiet"], ["data", "fetch", "--quiet"]] {
      expect(try sandbox.unroll(arguments), failsWith: 69, saying: "mnist cannot be fetched")
    }
    #expect(try !sandbox.names().contains("runs"))
    expect(try sandbox.unroll("data", "verify"), failsWith: 66, saying: "unroll data fetch mnist")
    let list = try sandbox.unroll("data", "list")
    expectQuietSuccess(list)
    #expect(list.output.contains("mnist") && list.output.contains("not here"))
  }
}
