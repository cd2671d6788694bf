import Foundation
import Unroll

/// What `config.json` holds: the plan, or that of a study and the data that it began with, or that of a memory study, which
/// has none; and the versions that it was carried out with.
struct RunConfiguration: Encodable {
  private var dataset: String?
  private var view: SequenceView?
  private var series: SeriesSource?
  /// The model that is learned from, named from where `config.json` is.
  private var teacher: String?
  private var plan: TrainingPlan?
  private var study: CeilingDesign?
  private var memory: MemoryDesign?
  private var data: DataIdentity?
  private let threads: Int
  private let instructionSet: InstructionSet
  private let version = unrollVersion
  private let system = ProcessInfo.processInfo.operatingSystemVersionString
  private let started = Date().formatted(.iso8601)

  private enum CodingKeys: String, CodingKey {
    case dataset, view, series, teacher, plan, study, memory, data, threads, version, system, started
    case instructionSet = "instruction_set"
  }

  init(_ data: RunData, plan: TrainingPlan) {
    self.init(data, learnsBy: plan)
    self.plan = plan
  }

  init(_ data: RunData, study: CeilingDesign) {
    self.init(data, learnsBy: study.plan)
    self.study = study
    self.data = DataIdentity(of: data.train)
  }

  init(memory: MemoryDesign, device: Device) {
    self.init(device)
    self.memory = memory
  }

  private init(_ data: RunData, learnsBy plan: TrainingPlan) {
    self.init(data.train.device)
    dataset = data.dataset
    view = data.input.images?.view
    series = data.source
    if plan.teacherShare != nil { teacher = RunFolder.teacherName }
  }

  private init(_ device: Device) {
    threads = device.threads
    instructionSet = device.instructionSet
  }
}
