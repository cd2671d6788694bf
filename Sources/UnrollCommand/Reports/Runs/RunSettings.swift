import Foundation
import Unroll

/// The choices that were made for runs, side by side. They are taken from what a plan writes of itself, so that none is
/// forgotten here when a plan gets another one.
struct RunSettings {
  /// A choice, and what each run has for it.
  struct Row: Equatable {
    let name: String
    let values: [String]
    var differs: Bool { Set(values).count > 1 }
  }

  /// What comes first, and then the rest by name.
  let rows: [Row]

  private static let first = ["dataset", "read by", "recipe", "objective"]

  init(of runs: [FinishedRun]) {
    let settings = runs.map(Self.settings)
    let names = Set(settings.flatMap(\.keys))
    let rest = names.subtracting(Self.first).sorted()
    rows = (Self.first.filter(names.contains) + rest).map { name in
      Row(name: name, values: settings.map { $0[name] ?? "–" })
    }
  }

  private static func settings(of run: FinishedRun) -> [String: String] {
    var settings = ["dataset": run.configuration.dataset, "read by": run.view?.rawValue ?? "steps"]
    let text = try? JSONText.encode(run.configuration.plan)
    let plan = text.flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) }
    add(plan as? [String: Any] ?? [:], to: &settings, under: "")
    return settings
  }

  /// Adds the entries of an object of JSON, those of objects in it under both names.
  private static func add(_ object: [String: Any], to settings: inout [String: String], under prefix: String) {
    for (key, value) in object {
      let name = prefix + key.replacing("_", with: " ")
      if let inner = value as? [String: Any] {
        add(inner, to: &settings, under: name + ": ")
      } else {
        settings[name] = "\(value)"
      }
    }
  }
}
