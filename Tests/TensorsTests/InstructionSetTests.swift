import Foundation
import Tensors
import Testing

@Suite("Instruction sets")
struct InstructionSetTests {
  @Test func theBaselineIsAlwaysSupportedAndNarrowest() {
    let supported = InstructionSet.supported
    #expect(supported.last == .baseline)
    #expect(supported == supported.sorted(by: >))
  }

  @Test(arguments: InstructionSet.supported)
  func aDeviceUsesTheOneThatItIsGiven(instructionSet: InstructionSet) {
    #expect(Device(threads: 1, instructionSet: instructionSet).instructionSet == instructionSet)
  }

  @Test(arguments: InstructionSet.allCases)
  func aDeviceUsesNoneThatIsWiderThanAllowed(allowed: InstructionSet) {
    let device = Device(threads: 1, instructionSet: allowed)
    #expect(device.instructionSet == InstructionSet.supported.first { $0 <= allowed })
  }

  @Test(arguments: [
    (["UNROLL_MAX_ISA": "baseline"], InstructionSet.baseline), (["UNROLL_MAX_ISA": "AVX2"], .avx2),
    (["UNROLL_MAX_ISA": "avx512"], .avx512), (["UNROLL_MAX_ISA": "mmx"], .avx512), ([:], .avx512),
  ])
  func theEnvironmentCapsIt(environment: [String: String], expected: InstructionSet) {
    #expect(InstructionSet.cap(environment: environment) == expected)
  }

  @Test func aProcessIsCappedByItsEnvironment() async {
    await #expect(processExitsWith: .success) {
      setenv("UNROLL_MAX_ISA", "baseline", 1)
      exit(Device.cpu.instructionSet == .baseline && Device().instructionSet == .baseline ? 0 : 1)
    }
  }
}
