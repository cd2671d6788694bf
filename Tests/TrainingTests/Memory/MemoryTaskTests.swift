import Tensors
import Testing
import Training

@Suite("Memory tasks")
struct MemoryTaskTests {
  /// Sequences step by step: [count][steps][features].
  private func steps(of sequences: MemorySequences) -> [[[Float]]] {
    let (shape, values) = (sequences.inputs.shape, sequences.inputs.floats)
    return (0..<shape[0]).map { row in
      (0..<shape[1]).map { step in
        let first = (row * shape[1] + step) * shape[2]
        return Array(values[first..<first + shape[2]])
      }
    }
  }

  private func sequences(_ task: MemoryTask, count: Int, steps: Int, seed: UInt64 = 3) -> MemorySequences {
    var random = RandomGenerator(seed: seed)
    return task.sequences(count: count, steps: steps, using: &random)
  }

  @Test(arguments: [10, 11, 37])
  func addingMarksOneStepOfEitherHalf(length: Int) throws {
    let count = 2000, drawn = sequences(.adding, count: count, steps: length)
    #expect(drawn.inputs.shape == [count, length, 2] && drawn.targets.shape == [count, 1])
    var marks = [Int](repeating: 0, count: length), values: [Float] = []
    for (sequence, target) in zip(steps(of: drawn), drawn.targets.floats) {
      #expect(sequence.allSatisfy { (0..<1).contains($0[0]) && ($0[1] == 0 || $0[1] == 1) })
      let marked = sequence.indices.filter { sequence[$0][1] == 1 }
      try #require(marked.count == 2)
      #expect(marked[0] < length / 2 && marked[1] >= length / 2)
      #expect(target == sequence[marked[0]][0] + sequence[marked[1]][0])
      for step in marked { marks[step] += 1 }
      values += sequence.map { $0[0] }
    }
    // Every step is marked about as often as the others of its half; four deviations.
    for (step, times) in marks.enumerated() {
      let mean = Double(count) / Double(step < length / 2 ? length / 2 : length - length / 2)
      #expect(abs(Double(times) - mean) < 4 * mean.squareRoot(), "step \(step): \(times), not \(mean)")
    }
    #expect(abs(values.reduce(0, +) / Float(values.count) - 0.5) < 0.01)
    // Always answering 1 has the error 1/6.
    let error = drawn.targets.floats.reduce(0) { $0 + Double(($1 - 1) * ($1 - 1)) } / Double(count)
    #expect(abs(error - MemoryTask.adding.baseline) < 0.01)
  }

  @Test(arguments: [10, 25, 100])
  func orderHasItsMarksAndTwoSymbolsInTheirPlaces(length: Int) throws {
    let count = 2000, drawn = sequences(.temporalOrder, count: count, steps: length)
    #expect(drawn.inputs.shape == [count, length, 8] && drawn.targets.shape == [count])
    var classes = [Int](repeating: 0, count: 4), places: Set<Int> = [], others = [Int](repeating: 0, count: 4)
    for (sequence, target) in zip(steps(of: drawn), drawn.targets.elements(as: Int32.self)) {
      #expect(sequence.allSatisfy { $0.reduce(0, +) == 1 && $0.contains(1) })
      let symbols = String(sequence.map { Array("abcdEBXY")[$0.firstIndex(of: 1) ?? 0] })
      #expect(symbols.first == "E" && symbols.last == "B" && symbols.count { "EB".contains($0) } == 2)
      let relevant = symbols.enumerated().filter { "XY".contains($0.element) }
      try #require(relevant.count == 2)
      #expect((length / 10...length / 5).contains(relevant[0].offset))
      #expect((length / 2...3 * length / 5).contains(relevant[1].offset))
      #expect(["XX", "XY", "YX", "YY"][Int(target)] == String(relevant.map(\.element)))
      classes[Int(target)] += 1
      places.formUnion(relevant.map(\.offset))
      for symbol in symbols {
        if let index = "abcd".firstIndex(of: symbol) {
          others["abcd".distance(from: "abcd".startIndex, to: index)] += 1
        }
      }
    }
    // Four deviations of a binomial distribution.
    #expect(classes.allSatisfy { abs($0 - count / 4) < 4 * 20 }, "\(classes)")
    #expect(places == Set(length / 10...length / 5).union(length / 2...3 * length / 5))
    let mean = others.reduce(0, +) / 4
    #expect(others.allSatisfy { abs($0 - mean) < mean / 10 + 100 }, "\(others)")
  }

  @Test(arguments: MemoryTask.allCases)
  func theSameSeedGivesTheSameBits(task: MemoryTask) {
    let one = sequences(task, count: 5, steps: 20), again = sequences(task, count: 5, steps: 20)
    #expect(one.inputs == again.inputs && one.targets == again.targets)
    let other = sequences(task, count: 5, steps: 20, seed: 4)
    #expect(one.inputs != other.inputs)
    // One after the other: fewer are the beginning of more.
    let fewer = sequences(task, count: 3, steps: 20)
    #expect(fewer.inputs.floats == Array(one.inputs.floats.prefix(fewer.inputs.count)))
  }

  @Test func errorsAreCountedAsTheTasksSay() {
    var random = RandomGenerator(seed: 1)
    for task in MemoryTask.allCases {
      let batches = [7, 4].map { task.sequences(count: $0, steps: 12, using: &random) }
      let network = MemoryNetwork(for: task, cell: .gru, hiddenSize: 5, using: &random)
      var sum = 0.0
      for batch in batches {
        let outputs = network(batch.inputs).floats
        for row in 0..<batch.count {
          let own = Array(outputs[row * task.outputs..<(row + 1) * task.outputs])
          switch task {
          case .adding:
            let difference = Double(own[0]) - Double(batch.targets.floats[row])
            sum += difference * difference
          case .temporalOrder:
            sum += own.firstIndex(of: own.max() ?? 0) == Int(batch.targets.elements(as: Int32.self)[row]) ? 0 : 1
          }
        }
      }
      #expect(abs(network.error(on: batches, of: task) - sum / 11) < 1e-6, "\(task)")
    }
  }

  /// Each step and feature by itself, by central differences of the loss of one sequence. Not with layer normalization: it
  /// turns the sign of a single number into a step, which differences cannot follow.
  @Test(arguments: MemoryTask.allCases, CellKind.allCases.filter { $0 != .layerNormLSTM })
  func gradientNormsAreThoseOfCentralDifferences(task: MemoryTask, cell: CellKind) {
    var random = RandomGenerator(seed: 5)
    let network = MemoryNetwork(for: task, cell: cell, hiddenSize: 4, using: &random)
    let length = 10, count = 3, step: Float = 0.02
    let sequences = task.sequences(count: count, steps: length, using: &random)
    var inputs = sequences.inputs.floats
    /// The losses of all sequences; each depends on its own inputs alone.
    func losses() -> [Float] {
      task.loss(
        network(Tensor(inputs, shape: sequences.inputs.shape)), targets: sequences.targets, reduction: .none
      ).floats
    }
    let expected = (0..<length).reversed().map { time in
      let norms = (0..<count).map { row in
        let squares = (0..<task.features).map { feature in
          let index = (row * length + time) * task.features + feature, value = inputs[index]
          defer { inputs[index] = value }
          inputs[index] = value + step
          let above = losses()[row]
          inputs[index] = value - step
          let slope = Double(above - losses()[row]) / Double(2 * step)
          return slope * slope
        }
        return squares.reduce(0, +).squareRoot()
      }
      return norms.reduce(0, +) / Double(count)
    }
    let norms = network.inputGradientNorms(on: sequences, of: task)
    #expect(norms.count == length)
    for (distance, (norm, other)) in zip(norms, expected).enumerated() {
      #expect(abs(norm - other) < 2e-5 + 0.01 * other, "distance \(distance): \(norm), not \(other)")
    }
  }
}
