import Foundation
import Unroll

/// What `config.json` holds: the plan, or that of a study and the data that it began with; and the versions that it was
/// carried out with.
struct RunConfiguration: Encodable {
  private let dataset: String
  private let view: SequenceView
  private var plan: TrainingPlan?
  private var study: CeilingDesign?
  private var data: DataIdentity?
  private let threads: Int
  private let instructionSet: InstructionSet
  private let version = unrollVersion
  private let system = ProcessInfo.processInfo.operatingSystemVersionString
  private let started = Date().formatted(.iso8601)

  private enum CodingKeys: String, CodingKey {
    case dataset, view, plan, study, data, threads, version, system, started
    case instructionSet = "instruction_set"
  }

  init(_ data: RunData, plan: TrainingPlan) {
    self.init(data)
    self.plan = plan
  }

  init(_ data: RunData, study: CeilingDesign) {
    self.init(data)
    self.study = study
    self.data = DataIdentity(of: data.train)
  }

  private init(_ data: RunData) {
    dataset = data.dataset
    view = data.preprocessing.view
    threads = data.train.device.threads
    instructionSet = data.train.device.instructionSet
  }
}
