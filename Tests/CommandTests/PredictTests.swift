import Foundation
import Testing

@Suite("Predicting")
struct PredictTests {
  private let sandbox: Sandbox
  private let bars = Bars()
  private static let testImages = "bars/t10k-images-idx3-ubyte"

  init() throws {
    sandbox = try Sandbox()
    let trained = try sandbox.unroll(
      "train", "bars", "--output", "run", "--quiet", "--epochs", "20", "--hidden", "16", "--batch-size", "20")
    expectQuietSuccess(trained)
  }

  @Test func allTestImagesAsEvaluateCountsThem() throws {
    let predictions = try predict((0..<90).map(String.init))
    let right = predictions.enumerated().filter { $1.answer == String($0 % 3) }.count
    let evaluation = try sandbox.unroll("evaluate", "run", "--json").object()
    #expect(evaluation["count"] as? Int == 90)
    #expect(evaluation["accuracy"] as? Double == Double(right) / 90)
    #expect(right > 45, "the model has learned something")
  }

  /// One image in every way in which it can be given.
  @Test func anImageIsTheSameHoweverItIsGiven() throws {
    let pixels = bars.image(3004)
    try sandbox.write(pgm(pixels, side: 8), to: "image.pgm")
    try sandbox.write(png(pixels, side: 8), to: "image #1.png")
    try sandbox.write(pgm(pixels.map { 255 - $0 }, side: 8), to: "inverted.pgm")
    let predictions = try predict(["4", "\(Self.testImages)#4", "image.pgm", "image #1.png", "./inverted.pgm"])
    #expect(predictions[0].answer == "1")
    for prediction in predictions.dropFirst() {
      #expect(prediction.beliefs == predictions[0].beliefs)
      #expect(prediction.answer == predictions[0].answer)
    }
    for belief in predictions[0].beliefs { #expect(abs(belief.reduce(0, +) - 1) < 1e-5) }
    #expect(predictions[0].beliefs.count == 8)
  }

  @Test func anotherSizeIsPrepared() throws {
    for side in [5, 40, 300] {
      let pixels = (0..<side * side).map { UInt8($0 / side == side / 2 ? 0 : 255) }
      try sandbox.write(png(pixels, side: side), to: "large.png")
      #expect(try predict(["large.png"])[0].beliefs.count == 8)
    }
  }

  @Test func aFewSteps() throws {
    let all = try predict(["7"])[0]
    let some = try predict(["7", "--steps", "3"])[0]
    #expect(some.beliefs == Array(all.beliefs.prefix(3)))
    #expect(try predict(["7", "--steps", "8"])[0].beliefs == all.beliefs)
    expect(try sandbox.unroll("predict", "run", "7", "--steps", "9"), failsWith: 64, saying: "--steps 9", "8 steps")
  }

  @Test func aTableForPeople() throws {
    let outcome = try sandbox.unroll("predict", "run", "4", "5", "--steps", "2")
    expectQuietSuccess(outcome)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 10 && lines[0].hasPrefix("4: ") && lines[5].hasPrefix("5: "))
    #expect(lines[1].hasPrefix("row  answer  belief"))
  }

  @Test func imagesThatAreNone() throws {
    func outcome(_ image: String) throws -> Outcome { try sandbox.unroll("predict", "run", "0", image) }
    let many = "bars/t10k-images-idx3-ubyte"
    expect(try outcome(many), failsWith: 65, saying: "\(many): an IDX file", "such as \(many)#0")
    expect(try outcome("90"), failsWith: 65, saying: "image 90", "there are 90")
    expect(try outcome("\(Self.testImages)#90"), failsWith: 65, saying: "image 90", Self.testImages)
    expect(try outcome("\(Self.testImages)#-1"), failsWith: 65, saying: "image -1")
    expect(try outcome("\(Self.testImages)#x"), failsWith: 66, saying: "#x")
    expect(try outcome("nowhere#1"), failsWith: 66, saying: "nowhere")
    expect(try outcome("nowhere.png"), failsWith: 66, saying: "nowhere.png")
    expect(try outcome("bars"), failsWith: 66, saying: "not a regular file")
    expect(try outcome("run/summary.json"), failsWith: 65, saying: "neither PNG nor PGM")
    expect(try outcome("bars/t10k-labels-idx1-ubyte#0"), failsWith: 65)
    try sandbox.write(pgm([UInt8](repeating: 9, count: 64), side: 8), to: "blank.pgm")
    expect(try outcome("blank.pgm"), failsWith: 65, saying: "no ink")
    try sandbox.write(png(bars.image(0), side: 8).dropLast(20), to: "cut.png")
    expect(try outcome("cut.png"), failsWith: 65, saying: "cut.png")
    try Bars(side: 9).write(to: sandbox.file("nine"))
    expect(try outcome("nine/t10k-images-idx3-ubyte#0"), failsWith: 65, saying: "9×9", "8×8")
  }

  private struct Prediction: Decodable {
    struct Belief: Decodable {
      let step: Int
      let probabilities: [Double]
    }
    private enum CodingKeys: String, CodingKey {
      case answer, name, probability
      case steps = "beliefs"
    }
    let answer: String
    let name: String
    let probability: Double
    private let steps: [Belief]
    /// The probability of each class after each step.
    var beliefs: [[Double]] { steps.map(\.probabilities) }
  }

  private func predict(_ arguments: [String]) throws -> [Prediction] {
    let outcome = try sandbox.unroll(["predict", "run"] + arguments + ["--json"])
    expectQuietSuccess(outcome)
    struct Results: Decodable { let predictions: [Prediction] }
    return try JSONDecoder().decode(Results.self, from: Data(outcome.output.utf8)).predictions
  }
}
