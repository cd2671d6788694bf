import Unroll

extension PlanOptions {
  /// Refuses a choice that was made and that the plan's other choices have no use for. Not a part of `validate()`, for a
  /// resumed run has its choices already.
  ///
  /// - Parameters:
  ///   - plan: The plan that the choices have led to.
  ///   - file: The configuration file that was followed.
  ///   - isTaught: Whether a teacher was named.
  /// - Throws: `UsageError` about a flag, `InputError.unfit` about a configuration file's key. What the file says and a
  ///   flag made useless passes, for flags count more.
  func refuseUseless(in plan: TrainingPlan, following file: ConfigurationFile?, isTaught: Bool) throws {
    let needs: [(flag: String, value: Any?, key: String, isMet: Bool, needed: String, isOverruled: Bool)] = [
      (
        "--step-weights", stepWeights, "step_weights", plan.objective == .weighted, "--objective weighted",
        objective != nil
      ),
      ("--weight-decay", weightDecay, "weight_decay", plan.optimizer == .adamw, "--optimizer adamw", optimizer != nil),
      (
        "--vertical", vertical == 1 ? nil : vertical, "distortion.vertical",
        [plan.moves.shift, plan.moves.scaling, plan.moves.bending].contains { $0 > 0 },
        "a --shift, --scaling or --bending above 0", true
      ),
      (
        "--remember", remember == 0 ? nil : remember, "remembered_steps", plan.cell.hasGates,
        "a cell with gates, which \(plan.cell.rawValue) has not", cell != nil
      ),
      (
        "--validation", validation == 0 ? nil : validation, "validation_count", plan.folds == nil,
        "a plan without --folds, which sets all sequences apart in turn", folds != nil || validation == 0
      ),
      (
        "--folds", folds == 0 ? nil : folds, "folds", plan.folds == nil || plan.teacherShare == nil,
        "a plan without a teacher, which has learned from the sequences of all parts", teacher != nil
      ),
      ("--teacher-share", teacherShare == 0 ? nil : teacherShare, "teacher_share", isTaught, "--teacher", false),
      ("--teacher", teacher, "teacher_share", plan.teacherShare != nil, "a --teacher-share above 0", true),
    ]
    for need in needs where !need.isMet {
      if let value = need.value {
        throw UsageError(description: "\(need.flag) \(asTyped(value)): needs \(need.needed)")
      }
      if !need.isOverruled { try file?.refuse("plan.\(need.key)", "needs \(need.needed.trimmingPrefix("--"))") }
    }
  }

  /// The recipe's plan, with what a file says instead, and the flags instead of that.
  ///
  /// - Parameters:
  ///   - isSeries: Whether the data are one's own series of numbers, for which other choices are usual.
  ///   - data: The training sequences, of which some are set apart by default. `nil`: they have not been read, and what
  ///     depends on their number is not to be relied on.
  ///   - file: A configuration file whose `plan` is followed.
  ///   - isTaught: Whether a teacher was named.
  /// - Returns: The plan to train by.
  /// - Throws: `InputError.unfit` if the file's plan is none.
  func plan(
    forSeries isSeries: Bool, _ data: DataShape?, following file: ConfigurationFile?, isTaught: Bool
  ) throws -> TrainingPlan {
    let draft = try chosen(instead: TrainingPlan(recipe: recipe ?? .modern), following: file)
    var plan = TrainingPlan(recipe: draft.recipe)
    if plan.recipe != .assignment {
      plan.learningRate = TrainingPlan.learningRate(of: draft.cell, steps: data?.steps ?? 1)
      if let data {
        plan.validationCount = min(5000, data.sequences / 12)
        if data.steps > 100 { plan.rememberedSteps = data.steps }
      }
      if isSeries {
        plan.adapt(
          toSeries: data?.sequences ?? 0,
          crossValidates:
            !(data?.asksForNumber ?? false || draft.readsBothWays || isTaught
            || setsApart(following: file)))
      }
    }
    if isTaught { plan.teacherShare = 1 }
    if draft.readsBothWays && [.every, .weighted].contains(plan.objective) { plan.objective = .randomPrefix }
    plan = try chosen(instead: plan, following: file)
    // What the other choices have no use for should not stand in config.json.
    if plan.optimizer != .adamw { plan.weightDecay = nil }
    if plan.objective != .weighted { plan.stepWeights = nil }
    if !plan.cell.hasGates { plan.rememberedSteps = nil }
    if plan.teacherShare != nil && folds == nil { plan.folds = nil }
    if plan.folds != nil { plan.validationCount = 0 }
    return plan
  }

  /// Whether it was said how many sequences are set apart, or that there is no cross-validation.
  private func setsApart(following file: ConfigurationFile?) -> Bool {
    validation != nil || folds == 0 || file?.says("plan.validation_count") ?? false
      || (folds == nil && file?.says("plan.folds") ?? false)
  }

  private func chosen(instead usual: TrainingPlan, following file: ConfigurationFile?) throws -> TrainingPlan {
    var plan = usual
    if let file {
      plan.distortion = plan.moves
      plan = try file.design(plan, at: "plan", settings: settings)
      plan.leaveOutZeros()
    }
    for setting in settings { setting.apply(to: &plan) }
    return plan
  }
}
