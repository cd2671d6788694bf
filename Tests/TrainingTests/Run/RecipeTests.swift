import Datasets
import Testing
import Training

/// What recipes say; README and help say it too.
@Suite("Recipes")
struct RecipeTests {
  @Test func assignmentIsTheLabs() {
    let plan = TrainingPlan(recipe: .assignment)
    #expect(plan.objective == .last && plan.learningRate == 1e-3 && plan.schedule == .constant && plan.epochs == 5)
    #expect(plan.distortion == nil && plan.dropout == nil && plan.maxGradientNorm == nil && plan.optimizer == .adam)
  }

  @Test func modernAsksAfterEveryStep() {
    let plan = TrainingPlan(recipe: .modern)
    #expect(plan.objective == .every && plan.schedule == .oneCycle && plan.optimizer == .adamw && plan.epochs == 5)
    #expect(plan.distortion == nil && plan.weightAveraging == nil)
  }

  /// Rows keep their height, so that an answer before the last row is as good as it can be.
  @Test func thoroughDistortsSideways() throws {
    let plan = TrainingPlan(recipe: .thorough), distortion = try #require(plan.distortion)
    #expect(plan.objective == .every && plan.epochs >= 20 && plan.weightAveraging != nil)
    #expect(distortion.vertical <= 0.2 && distortion.slant > 0 && distortion.bending > 0)
  }

  /// A fifth is set apart, an epoch has about eight updates or batches of 4 to 128, and a run at least 300 updates.
  @Test(arguments: [(3, 0, 4, 300), (67, 13, 6, 34), (200, 40, 20, 38), (10_000, 2000, 128, 5), (50_000, 5000, 128, 5)])
  func ownSeriesGetEnoughUpdates(count: Int, validation: Int, batchSize: Int, epochs: Int) {
    var plan = TrainingPlan(recipe: .modern)
    plan.adapt(toSeries: count, crossValidates: false)
    #expect(
      plan.validationCount == validation && plan.folds == nil && plan.batchSize == batchSize && plan.epochs == epochs)
    #expect(plan.learningRate == 4e-3)
    #expect(plan.isStratified == true && plan.objective == .weighted && plan.stepWeights == nil && plan.cell == .gru)
  }

  /// Of fewer than 500 a fifth is too few to choose a rule on: they are answered in turn, by networks of as many updates.
  @Test func fewSeriesAreCrossValidated() {
    for (count, folds, batchSize, epochs) in [(1, nil, 4, 300), (3, 3, 4, 300), (67, 5, 6, 34), (499, 5, 50, 38)] {
      var plan = TrainingPlan(recipe: .modern)
      plan.adapt(toSeries: count)
      #expect(plan.validationCount == 0 && plan.folds == folds, "\(count)")
      #expect(plan.batchSize == batchSize && plan.epochs == epochs, "\(count): \(plan.batchSize) \(plan.epochs)")
    }
    var plan = TrainingPlan(recipe: .modern)
    plan.adapt(toSeries: 500)
    #expect(plan.validationCount == 100 && plan.folds == nil)
  }

  @Test(arguments: Recipe.allCases)
  func everyRecipeTrains(recipe: Recipe) throws {
    var plan = TrainingPlan(recipe: recipe)
    (plan.epochs, plan.hiddenSize) = (1, 8)
    let trainer = try Trainer(plan, data: bars(200).sequences(), outputs: 3)
    #expect(try trainer.trainEpoch().loss < 1.5)
  }
}
