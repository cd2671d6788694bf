import Drawing
import Testing

@Suite struct NumberTests {
  @Test(arguments: [
    (0.03, 0.05), (1, 1), (1.1, 2), (2.0001, 5), (5, 5), (5.1, 10), (99, 100), (1234, 2000), (0.1 + 0.2, 0.5),
  ])
  func niceStep(distance: Double, expected: Double) {
    #expect(NiceStep(atLeast: distance).times(1) == expected)
  }

  @Test func niceStepForgivesRounding() {
    #expect(NiceStep(atLeast: 0.2 + 4e-17).times(1) == 0.2)
    #expect(NiceStep(atLeast: 0.1).times(3) == 0.3)
    #expect(NiceStep(atLeast: 1).next.times(1) == 2)
    #expect(NiceStep(atLeast: 5).next.times(1) == 10)
  }

  @Test func ticksInsideARange() {
    #expect(Ticks(inside: 1...28, atMost: 6).values == [5, 10, 15, 20, 25])
    #expect(Ticks(inside: 0...1, atMost: 6).values == [0, 0.2, 0.4, 0.6, 0.8, 1])
    #expect(Ticks(inside: -1...1, atMost: 5).values == [-1, -0.5, 0, 0.5, 1])
    #expect(Ticks(inside: 1...4, atMost: 20, minimumStep: 1).values == [1, 2, 3, 4])
    #expect(Ticks(inside: -0.3...0.3, atMost: 0).values == [0])
  }

  @Test func ticksAroundARange() {
    #expect(Ticks(around: 0.1...0.99, atMost: 6).values == [0, 0.2, 0.4, 0.6, 0.8, 1])
    #expect(Ticks(around: 0.905...0.9985, atMost: 6).values == [0.9, 0.92, 0.94, 0.96, 0.98, 1])
    // Tenths would need five ticks, from 0.1 to 0.5.
    #expect(Ticks(around: 0.19...0.41, atMost: 4).values == [0, 0.2, 0.4, 0.6])
    // An end that lies on a tick needs no further one.
    #expect(Ticks(around: 0.3...0.6, atMost: 5).values == [0.3, 0.4, 0.5, 0.6])
    // A range across zero cannot be enclosed by two ticks.
    #expect(Ticks(around: -1...1, atMost: 1).values == [-1, 0, 1])
  }

  @Test func chosenTicksShowAllTheirDigits() {
    #expect(Ticks([1, 4, 28]).decimals == 0)
    #expect(Ticks([0.5, 0.25]).decimals == 2)
    #expect(Ticks([1.0 / 3]).decimals == 6)
  }

  @Test func formats() {
    #expect(ValueFormat.percent.string(0.98949, decimals: 1) == "98.9 %")
    #expect(ValueFormat.number.string(0.05, decimals: 3) == "0.050")
    #expect(ValueFormat.number.string(-0.125, decimals: 2) == "-0.13")
    #expect(ValueFormat.number.string(-0.001, decimals: 2) == "0.00")
    #expect(ValueFormat.integer.string(9999, decimals: 2) == "9999")
    #expect(ValueFormat.integer.string(60_000, decimals: 0) == "60,000")
    #expect(ValueFormat.integer.string(-1_234_567, decimals: 0) == "-1,234,567")
    #expect(ValueFormat.number.string(.nan, decimals: 2) == "nan")
    #expect(ValueFormat.number.string(-.infinity, decimals: 2) == "-inf")
    #expect(ValueFormat.number.string(1e300, decimals: 2) == "1e+300")
  }

  @Test func numbersForMachines() {
    #expect(trimmedDecimal(12.5, decimals: 2) == "12.5")
    #expect(trimmedDecimal(12.004, decimals: 2) == "12")
    #expect(trimmedDecimal(100, decimals: 2) == "100")
    #expect(trimmedDecimal(12345.678, decimals: 2) == "12345.68")
    #expect(trimmedDecimal(-0.004, decimals: 2) == "0")
  }

  @Test func axisTakesItsRangeFromTheData() {
    let exact = AxisScale(.init(), covering: [1, .nan, 28, .infinity], ticksAtMost: 6, endsOnTicks: false)
    #expect(exact.range == 1...28)
    #expect(exact.ticks.map(\.label) == ["5", "10", "15", "20", "25"])
    #expect(exact.fraction(1) == 0 && exact.fraction(28) == 1 && exact.fraction(14.5) == 0.5)

    let widened = AxisScale(.init(format: .percent), covering: [0.1, 0.99], ticksAtMost: 6, endsOnTicks: true)
    #expect(widened.range == 0...1)
    #expect(widened.ticks.map(\.label) == ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"])
  }

  @Test func axisOfOneValueHasWidth() {
    let one = AxisScale(.init(format: .integer), covering: [1], ticksAtMost: 6, endsOnTicks: false)
    #expect(one.range == 0.9...1.1)
    #expect(one.ticks.map(\.label) == ["1"])
    let share = AxisScale(.init(format: .percent), covering: [0.98], ticksAtMost: 6, endsOnTicks: true)
    #expect(share.range.upperBound == 1)
    let zero = AxisScale(.init(), covering: [0], ticksAtMost: 6, endsOnTicks: false)
    #expect(zero.range == -1...1)
    let none = AxisScale(.init(), covering: [.nan], ticksAtMost: 6, endsOnTicks: false)
    #expect(none.range == 0...1)
  }

  @Test(arguments: [[1e20, 1e20 + 16384], [-1e149, 1e149], [1e-200, 2e-200], [.leastNonzeroMagnitude, 0]])
  func axisOfExtremeValuesIsFinite(values: [Double]) {
    let scale = AxisScale(.init(), covering: values, ticksAtMost: 6, endsOnTicks: true)
    #expect(scale.range.lowerBound < scale.range.upperBound)
    #expect(values.allSatisfy { scale.fraction($0).isFinite && scale.range.contains($0) })
    #expect((2...6).contains(scale.ticks.count))
  }
}
