import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Inspecting")
struct InspectTests {
  private let sandbox: Sandbox
  private static let files = ["inspect.html", "inspect.json", "inspect.svg"]

  init() throws {
    sandbox = try Sandbox()
    let trained = try sandbox.unroll(
      "train", "bars", "--output", "run", "--quiet", "--no-steps", "--epochs", "4", "--hidden", "16", "--batch-size",
      "20",
      "--layers", "2")
    expectQuietSuccess(trained)
  }

  @Test func theFilesAreThoseOfTheRun() throws {
    let outcome = try sandbox.unroll("inspect", "run")
    expectQuietSuccess(outcome)
    #expect(outcome.output.hasPrefix("Test image 0: "))
    #expect(outcome.output.contains("row  picture           answer  belief"))
    #expect(outcome.output.hasSuffix("Written: run/inspect.html, run/inspect.svg, run/inspect.json\n"))
    #expect(try sandbox.names("run").filter { $0.hasPrefix("inspect") } == Self.files)
    #expect(try sandbox.names("run").allSatisfy { !$0.hasPrefix(".unroll") })
  }

  @Test func theFilesOfAModelFileAreHere() throws {
    expectQuietSuccess(try sandbox.unroll("inspect", "run/model.safetensors", "--quiet"))
    #expect(try Set(sandbox.names()).isSuperset(of: Self.files))
    let elsewhere = try sandbox.unroll("inspect", "run", "--quiet", "--output", "new/folder", "--image", "5")
    expectQuietSuccess(elsewhere)
    #expect(elsewhere.output.isEmpty)
    #expect(try sandbox.names("new/folder") == Self.files)
    #expect(try sandbox.names("run").allSatisfy { !$0.hasPrefix("inspect") })
  }

  /// The same image in several ways, and the same beliefs as `unroll predict` tells.
  @Test func theNumbersAreThoseOfPredict() throws {
    try sandbox.write(pgm(Bars().image(3004), side: 8), to: "image.pgm")
    let predicted = try sandbox.unroll("predict", "run", "4", "--json").predictions()[0]
    let beliefs = try #require(predicted["beliefs"] as? [[String: Any]]).compactMap { $0["probabilities"] as? [Double] }
    for image in ["4", "image.pgm", "bars/t10k-images-idx3-ubyte#4"] {
      let outcome = try sandbox.unroll("inspect", "run", "--image", image, "--json")
      expectQuietSuccess(outcome)
      #expect(try sandbox.text("run/inspect.json") == outcome.output)
      let data = try outcome.object()
      #expect(data["answer"] as? String == predicted["answer"] as? String)
      #expect(data["label"] as? String == (image == "4" ? "1" : nil), "only the test set tells what is right")
      let steps = try #require(data["steps"] as? [[String: Any]])
      #expect(steps.count == 8 && beliefs.count == 8)
      for (step, belief) in zip(steps, beliefs) {
        let probabilities = try #require(step["probabilities"] as? [Double])
        #expect(zip(probabilities, belief).allSatisfy { abs($0 - $1) < 1e-5 } && probabilities.count == 3)
      }
      let input = try #require(data["input"] as? [[Double]]), gradient = try #require(data["gradient"] as? [[Double]])
      let pixel = Double(Bars().image(3004)[2 * 8 + 3]) / 255
      #expect(abs(input[2][3] - pixel) < 1e-6)
      for (step, (row, slopes)) in zip(steps, zip(input, gradient)) {
        let sum: Double = zip(row, slopes).map { $0 * $1 }.reduce(0, +)
        #expect(abs(try #require(step["contribution"] as? Double) - sum) < 1e-4)
        let length: Double = slopes.map { $0 * $0 }.reduce(0, +).squareRoot()
        #expect(abs(try #require(step["gradient_norm"] as? Double) - length) < 1e-4)
      }
      let layers = try #require(data["layers"] as? [[String: Any]])
      #expect(layers.count == 2)
      for layer in layers {
        let units = try #require(layer["units_by_peak"] as? [Int])
        #expect(units.sorted() == Array(0..<16))
        let signals = try #require(layer["signals"] as? [[String: Any]])
        #expect(signals.compactMap { $0["symbol"] as? String } == ["f", "i", "o", "g", "c", "h"])
        for signal in signals {
          #expect((signal["values"] as? [[Double]])?.map(\.count) == [Int](repeating: 16, count: 8))
        }
        // Those whose cell state is farthest above zero come first, then those below, either by the step of that.
        let cells = try #require(signals[4]["values"] as? [[Double]])
        let places = units.map { unit in
          let peak = (1..<8).reduce(0) { abs(cells[$1][unit]) > abs(cells[$0][unit]) ? $1 : $0 }
          return (cells[peak][unit] < 0 ? 1 : 0, peak)
        }
        #expect(zip(places, places.dropFirst()).allSatisfy { $0 <= $1 }, "\(places)")
      }
    }
  }

  /// In eighths of the largest.
  @Test func barsAreAsLongAsTheGradients() throws {
    let steps = try #require(try sandbox.unroll("inspect", "run", "--json").object()["steps"] as? [[String: Any]])
    let norms = steps.compactMap { $0["gradient_norm"] as? Double }, most = try #require(norms.max())
    let rows = try sandbox.unroll("inspect", "run").cells.filter { Int($0[0]) != nil }
    try #require(rows.count == 8 && norms.count == 8)
    for (row, norm) in zip(rows, norms) {
      let bar = row.last?.hasSuffix("%") == true ? "" : row.last ?? ""
      #expect(abs(Double(bar.count) - 8 * norm / most) <= 1, "\(row)")
    }
    #expect(norms.contains { $0 < most / 2 }, "or else all bars would be alike")
  }

  @Test func whatIsRightIsSaidWhereItIsKnown() throws {
    let answers = try sandbox.unroll(["predict", "run", "--json"] + (0..<90).map(String.init)).predictions()
      .map { $0["answer"] as? String ?? "" }
    let right = try #require(answers.indices.first { answers[$0] == "\($0 % 3)" })
    let wrong = try #require(answers.indices.first { answers[$0] != "\($0 % 3)" })
    for (image, end) in [(right, "), which is right"), (wrong, "); right would be \(wrong % 3)")] {
      let line = try sandbox.unroll("inspect", "run", "--image", "\(image)").output.prefix { $0 != "\n" }
      #expect(line.hasPrefix("Test image \(image): \(answers[image]) (") && line.hasSuffix(end), "\(line)")
    }
  }

  @Test func thePageHoldsEverythingAndNeedsNothing() throws {
    expectQuietSuccess(try sandbox.unroll("inspect", "run", "--image", "4", "--quiet"))
    let page = try sandbox.text("run/inspect.html")
    let bare = page.replacing("xmlns=\"http://www.w3.org/2000/svg\"", with: "")
    for foreign in ["http:", "https:", "<script", "<link", "@import", "url(", "src="] {
      #expect(!bare.contains(foreign), "\(foreign)")
    }
    // As XML it is well-formed but for HTML's own way with tags that have no content.
    let xml = bare.replacing("<!DOCTYPE html>", with: "").replacing(/<meta[^>]*>/, with: "")
    let parser = XMLParser(data: Data(xml.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    let data = try #require(
      JSONSerialization.jsonObject(with: sandbox.data("run/inspect.json")) as? [String: Any])
    let steps = try #require(data["steps"] as? [[String: Any]])
    let answer = try #require(data["answer"] as? String)
    for step in steps {
      let best = try #require((step["probabilities"] as? [Double])?.max())
      let cells = [
        "<td class=\"number\">\(try #require(step["step"] as? Int))</td>",
        "<td>\(try #require(step["answer"] as? String))</td>",
        "<td class=\"number\">\(String(format: "%.2f", 100 * best)) %</td>",
      ]
      #expect(page.contains(cells.joined()), "\(cells)")
    }
    #expect(page.contains("At the end it says: \(answer)"))
    for heading in ["Belief", "Layer 1: LSTM of 16 units", "Layer 2: LSTM of 16 units", "Forget gate", "Hidden state"] {
      #expect(page.contains(">\(heading)</h"), "\(heading)")
    }
    let poster = XMLParser(data: try sandbox.data("run/inspect.svg"))
    #expect(poster.parse())
  }

  @Test func whatIsNotThere() throws {
    func outcome(_ arguments: String...) throws -> Outcome { try sandbox.unroll(["inspect"] + arguments) }
    expect(try outcome("run", "--image", "90"), failsWith: 65, saying: "image 90", "there are 90")
    expect(try outcome("run", "--image", "nowhere.png"), failsWith: 66, saying: "nowhere.png")
    expect(try outcome("run", "--image", "run/summary.json"), failsWith: 65, saying: "neither PNG nor PGM")
    expect(try outcome("nothing"), failsWith: 66, saying: "nothing")
    expect(try outcome("bars"), failsWith: 66, saying: "bars", "model.safetensors")
    expect(try outcome(), failsWith: 64, saying: "model")
    for flag in ["--output", "--data"] { expect(try outcome("run", flag, ""), failsWith: 64, saying: flag) }
    expect(try outcome("run", "--output", "run/summary.json"), failsWith: 73, saying: "run/summary.json")
    #expect(try sandbox.names("run").allSatisfy { !$0.hasPrefix("inspect") }, "nothing is written by what fails")
  }
}
