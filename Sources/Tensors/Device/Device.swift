import CKernels
import Foundation

/// Where tensors live and who computes: a processor with a number of threads and an instruction set.
///
/// A tensor's storage knows its device, and results are made on the device of their operands; mixing devices is a
/// programmer's mistake and traps. The same computation gives the same bits on devices that differ in `threads` alone.
public final class Device: Sendable, CustomStringConvertible {
  /// The number of threads that share an op's work, the caller's own among them.
  public let threads: Int
  /// The instructions that kernels use.
  public let instructionSet: InstructionSet
  /// The most bytes that a sequence op saves for its backward pass. A longer sequence keeps some states and recomputes
  /// the others (Chen et al. 2016, "Training deep nets with sublinear memory cost").
  public let sequenceMemoryBudget: Int

  // Safe because a table of functions never changes.
  nonisolated(unsafe) let kernels: UnrollKernels
  /// The kernels whose products are in bf16, where the processor has them.
  nonisolated(unsafe) let bf16: UnrollProducts?
  let pool = BufferPool()
  /// How long the parts of training take; see `Phase`.
  package let times = PhaseTimes()
  private let workers: Workers

  /// This processor with all its cores, the widest instruction set allowed by `UNROLL_MAX_ISA`, and the default budget.
  public static let cpu = Device()

  /// - Parameters:
  ///   - threads: At least 1; by default one per core.
  ///   - instructionSet: The widest that may be used; where the processor lacks it, the next narrower one is taken. By
  ///     default `InstructionSet.cap(environment:)`.
  ///   - sequenceMemoryBudget: Bytes; by default 512 MiB.
  public init(
    threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    instructionSet: InstructionSet = .cap(environment: ProcessInfo.processInfo.environment),
    sequenceMemoryBudget: Int = 512 << 20
  ) {
    precondition(threads >= 1, "a device needs at least one thread, not \(threads)")
    self.threads = threads
    self.sequenceMemoryBudget = sequenceMemoryBudget
    let table = instructionSet.kernels
    kernels = table.pointee
    bf16 = unroll_bf16_products(table)?.pointee
    self.instructionSet = InstructionSet(rawValue: String(cString: kernels.name)) ?? .baseline
    workers = Workers(count: threads - 1)
  }

  /// For example "cpu, 2 threads, avx512".
  public var description: String { "cpu, \(threads) thread\(threads == 1 ? "" : "s"), \(instructionSet.rawValue)" }

  /// How often a tensor's buffer came from the system and not from the device's pool. Flat over training steps after
  /// the first.
  public var systemAllocations: Int { pool.systemAllocations }

  /// The bytes of those buffers in all.
  public var systemBytes: Int { pool.systemBytes }

  /// How often a shared tensor was copied because it was about to be written. Flat over optimizer updates.
  public var copiesOnWrite: Int { pool.copiesOnWrite }

  /// Calls `body` with ranges that together cover `0..<count`, on as many threads as there are; returns when all are
  /// done. `grain` is the least work worth a thread of its own.
  func forRanges(of count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
    guard count > 0 else { return }
    forParts(work: count, grain: grain) { part in body(part.range(of: count)) }
  }

  /// Calls `body` once for each part of some work, on as many threads as there are; returns when all are done. There are
  /// as many parts as `work` has grains, at least one, and no more than threads.
  func forParts(work: Int, grain: Int, _ body: (WorkPart) -> Void) {
    let parts = min(threads, max(1, work / max(1, grain)))
    guard parts > 1 else { return body(WorkPart(index: 0, count: 1)) }
    workers.run(parts) { index in body(WorkPart(index: index, count: parts)) }
  }
}

/// One thread's part of some work.
struct WorkPart {
  let index, count: Int

  /// This part's share of `0..<total`.
  func range(of total: Int) -> Range<Int> { index * total / count..<(index + 1) * total / count }
}

extension InstructionSet {
  /// The environment variable that caps the instruction set.
  package static let capVariable = "UNROLL_MAX_ISA"

  /// The widest instruction set that the environment variable `UNROLL_MAX_ISA` (baseline, avx2 or avx512) allows; all
  /// of them where it is not set or not understood.
  public static func cap(environment: [String: String]) -> InstructionSet {
    environment[capVariable].flatMap(named) ?? .avx512
  }

  /// What `UNROLL_MAX_ISA` says if that is not understood. An empty value counts as not set.
  package static func misunderstoodCap(environment: [String: String]) -> String? {
    environment[capVariable].flatMap { $0.isEmpty || named($0) != nil ? nil : $0 }
  }

  private static func named(_ name: String) -> InstructionSet? { InstructionSet(rawValue: name.lowercased()) }
}
