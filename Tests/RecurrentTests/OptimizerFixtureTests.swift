import Recurrent
import Tensors
import Testing

/// Five updates of every optimizer against PyTorch.
@Suite("Optimizers against PyTorch")
struct OptimizerFixtureTests {
  private static let names = ["adam", "adam clipped", "adamw", "sgd", "sgd momentum", "sgd nesterov"]

  @Test(arguments: names, [true, false])
  func fiveSteps(name: String, foldsInput: Bool) throws {
    let cases = try Fixture.load("classifier", as: ClassifierFixture.self).cases
    let runs = cases.flatMap { fixture in fixture.optimizers.map { (fixture, $0) } }.filter { $0.1.name == name }
    #expect(!runs.isEmpty)
    for (fixture, run) in runs { try follow(run, of: fixture, foldsInput: foldsInput) }
  }

  private func follow(
    _ run: ClassifierFixture.OptimizerRun, of fixture: ClassifierFixture.Case, foldsInput: Bool
  ) throws {
    var model = try fixture.model(foldsInput: foldsInput)
    var optimizer = try optimizer(for: model, run)
    #expect(run.steps.count == 5)
    for (index, step) in run.steps.enumerated() {
      var (loss, gradient) = fixture.lossAndGradient(of: model)
      #expect(abs(Double(loss.scalar) - step.loss) < 1e-5 * step.loss, "loss at step \(index)")
      if let maxNorm = run.settings.maxNorm {
        let norm = clipGradNorm(&gradient, model.parameterPaths, maxNorm: maxNorm)
        let expected = try #require(step.gradientNorm)
        #expect(abs(Double(norm) - expected) < 1e-5 * expected, "norm at step \(index)")
      }
      optimizer.update(&model, along: gradient)
      for path in model.parameterPaths {
        let expected = try #require(step.parameters[path.name])
        // Adam divides by the root of tiny averages, which enlarges the rounding of small gradients.
        expect(path.parameter(of: model), isCloseTo: expected, within: 1e-5, "\(path.name) after step \(index)")
      }
    }
  }

  private func optimizer(
    for model: SequenceClassifier, _ run: ClassifierFixture.OptimizerRun
  ) throws -> any Optimizer<SequenceClassifier> {
    let settings = run.settings
    guard run.name.hasPrefix("adam") else {
      return SGD(
        for: model, learningRate: settings.lr, momentum: settings.momentum ?? 0, nesterov: settings.nesterov ?? false)
    }
    let betas = try #require(settings.betas), epsilon = try #require(settings.eps)
    if let decay = settings.weightDecay {
      return AdamW(
        for: model, learningRate: settings.lr, beta1: betas[0], beta2: betas[1], epsilon: epsilon, weightDecay: decay)
    }
    return Adam(for: model, learningRate: settings.lr, beta1: betas[0], beta2: betas[1], epsilon: epsilon)
  }
}
