import Foundation
import Unroll

/// What `config.json` holds: the plan, and the versions that it was carried out with.
struct RunConfiguration: Encodable {
  private let dataset: String
  private let plan: TrainingPlan
  private let threads: Int
  private let instructionSet: InstructionSet
  private let version = unrollVersion
  private let system = ProcessInfo.processInfo.operatingSystemVersionString
  private let started = Date().formatted(.iso8601)

  private enum CodingKeys: String, CodingKey {
    case dataset, plan, threads, version, system, started
    case instructionSet = "instruction_set"
  }

  init(dataset: String, plan: TrainingPlan, device: Device) {
    self.dataset = dataset
    self.plan = plan
    threads = device.threads
    instructionSet = device.instructionSet
  }
}
