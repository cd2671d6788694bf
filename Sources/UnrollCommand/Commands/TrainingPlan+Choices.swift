import Unroll

// A plan says `nil` for what is left out, a flag says 0, and so may a configuration file.
extension TrainingPlan {
  /// Says `nil` wherever 0 is said.
  mutating func leaveOutZeros() {
    if labelSmoothing == 0 { labelSmoothing = nil }
    if teacherShare == 0 { teacherShare = nil }
    if rememberedSteps == 0 { rememberedSteps = nil }
    if bidirectional == false { bidirectional = nil }
    if dropout == 0 { dropout = nil }
    if recurrentDropout == 0 { recurrentDropout = nil }
    if distortion == Distortion() { distortion = nil }
    if blankFront == 0 { blankFront = nil }
    if weightAveraging == 0 { weightAveraging = nil }
    if classWeights == .even { classWeights = nil }
    if isStratified == false { isStratified = nil }
    if folds == 0 { folds = nil }
  }
  var smoothing: Float {
    get { labelSmoothing ?? 0 }
    set { labelSmoothing = newValue == 0 ? nil : newValue }
  }
  var taught: Float {
    get { teacherShare ?? 0 }
    set { teacherShare = newValue == 0 ? nil : newValue }
  }
  var remembered: Int {
    get { rememberedSteps ?? 0 }
    set { rememberedSteps = newValue == 0 ? nil : newValue }
  }
  var readsBothWays: Bool {
    get { bidirectional ?? false }
    set { bidirectional = newValue ? true : nil }
  }
  var droppedStates: Float {
    get { dropout ?? 0 }
    set { dropout = newValue == 0 ? nil : newValue }
  }
  var droppedWeights: Float {
    get { recurrentDropout ?? 0 }
    set { recurrentDropout = newValue == 0 ? nil : newValue }
  }
  var moves: Distortion {
    get { distortion ?? Distortion() }
    set { distortion = newValue == Distortion() ? nil : newValue }
  }
  var blanks: Int {
    get { blankFront ?? 0 }
    set { blankFront = newValue == 0 ? nil : newValue }
  }
  var averaging: Float {
    get { weightAveraging ?? 0 }
    set { weightAveraging = newValue == 0 ? nil : newValue }
  }
  var weighting: ClassWeights {
    get { classWeights ?? .even }
    set { classWeights = newValue == .even ? nil : newValue }
  }
  var parts: Int {
    get { folds ?? 0 }
    set { folds = newValue == 0 ? nil : newValue }
  }
  var decay: Float {
    get { weightDecay ?? Self.usualWeightDecay }
    set { weightDecay = newValue }
  }
  var weights: StepWeights {
    get { stepWeights ?? .linear }
    set { stepWeights = newValue }
  }
  var gradientLimit: Float {
    get { maxGradientNorm ?? .infinity }
    set { maxGradientNorm = newValue }
  }
  var keepsShares: Bool {
    get { isStratified ?? false }
    set { isStratified = newValue ? true : nil }
  }
  var splitSeed: UInt64 {
    get { validationSeed ?? seed }
    set { validationSeed = newValue }
  }
}
