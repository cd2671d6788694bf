import Foundation
import Unroll

/// What `config.json` holds: the plan, or that of a study and the data that it began with; and the versions that it was
/// carried out with.
struct RunConfiguration: Encodable {
  private let dataset: String
  private var plan: TrainingPlan?
  private var study: CeilingDesign?
  private var data: DataIdentity?
  private let threads: Int
  private let instructionSet: InstructionSet
  private let version = unrollVersion
  private let system = ProcessInfo.processInfo.operatingSystemVersionString
  private let started = Date().formatted(.iso8601)

  private enum CodingKeys: String, CodingKey {
    case dataset, plan, study, data, threads, version, system, started
    case instructionSet = "instruction_set"
  }

  init(dataset: String, plan: TrainingPlan, device: Device) {
    self.init(dataset: dataset, device: device)
    self.plan = plan
  }

  init(dataset: String, study: CeilingDesign, data: SequenceData) {
    self.init(dataset: dataset, device: data.device)
    self.study = study
    self.data = DataIdentity(of: data)
  }

  private init(dataset: String, device: Device) {
    self.dataset = dataset
    threads = device.threads
    instructionSet = device.instructionSet
  }
}
