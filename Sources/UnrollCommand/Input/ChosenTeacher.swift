import Foundation
import Unroll

/// The model that a run or a study learns from, as it was named.
struct ChosenTeacher {
  let path: String
  let model: TrainedModel

  /// Reads the model at `path`: a run folder or a .safetensors file.
  init(_ path: String, on device: Device) throws {
    self.path = path
    model = try loadModel(path, on: device)
  }

  /// The teacher of a network that is to learn from `data`.
  ///
  /// - Throws: `InputError.unfit` if it reads or answers anything else.
  func teacher(for data: RunData) throws(InputError) -> Teacher {
    guard case .classes(let names) = data.target else {
      throw .unfit("\(path): cannot teach a network that estimates a number, but only one that knows classes")
    }
    guard model.target == data.target else {
      let own = model.classNames.isEmpty ? "a number" : model.classNames.joined(separator: ", ")
      throw .unfit("\(path): answers \(own), but what is to be learned is \(names.joined(separator: ", "))")
    }
    guard model.input == data.input else {
      throw .unfit(
        """
        \(path): reads other sequences than the network that is to learn from it, or prepares them otherwise; train it on \
        the same data with the same --view, --validation and --seed
        """)
    }
    return Teacher(model)
  }

  /// What is to be said of it before training: whether it has learned from sequences that `plan` sets apart.
  func note(on plan: TrainingPlan, of data: RunData) -> String? {
    guard model.dataset == data.dataset, plan.validationCount > 0 else { return nil }
    let labels = data.train.labels, apart = plan.validation(of: data.train.count).rows(labels: labels).validation
    let unknown = model.validation.map { Set($0.rows(labels: labels).validation) } ?? []
    let known = apart.count { !unknown.contains($0) }
    guard known > 0 else { return nil }
    return """
      unroll: note: \(path) has learned from \(grouped(known)) of the \(grouped(apart.count)) sequences that are set apart \
      here, so that they say too much good of the network; train both with the same --seed and --validation
      """
  }
}

extension RunFolder {
  /// The teacher of a run or a study that was begun here; `nil` if its plan has none.
  ///
  /// - Throws: What reading a model throws; `InputError.unfit` if it cannot be this run's.
  func teacher(for plan: TrainingPlan, reading data: RunData) throws -> Teacher? {
    guard plan.teacherShare != nil else { return nil }
    return try ChosenTeacher(teacher.relativePath, on: data.train.device).teacher(for: data)
  }
}
