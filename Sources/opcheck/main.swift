// Checks every op on this machine: a line for each case, and exit status 1 if one fails.
//
//     opcheck [--isa NAME] [--threads N] [--device cpu]

import Foundation
import OpCases
import Tensors

let options = Options(CommandLine.arguments.dropFirst())
let devices = options.devices
var failed = 0
for opCase in OpCase.all {
  let report = opCase.check(on: devices)
  if report.failures.isEmpty {
    let (error, tolerance) = report.worst
    print("ok    \(opCase.name): error \(String(format: "%.1e of %.1e", error, tolerance))")
  } else {
    failed += 1
    print("FAIL  \(opCase.name)")
    for failure in report.failures { print("      \(failure)") }
  }
}
print("\(OpCase.all.count - failed) passed, \(failed) failed")
exit(failed == 0 ? 0 : 1)
