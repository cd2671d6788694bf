/// Where a logarithmic axis has its ticks: at 1, 2 and 5 times powers of ten, or at powers of ten, or every so many of them.
package struct LogarithmicTicks: Equatable {
  /// A number as a logarithmic axis has it: mantissa · 10^exponent.
  package struct Tick: Equatable {
    package let mantissa: Int
    package let exponent: Int

    /// The Double nearest to the decimal number.
    package var value: Double {
      exponent < 0 ? Double(mantissa) / powerOfTen(-exponent) : Double(mantissa) * powerOfTen(exponent)
    }
  }

  package let ticks: [Tick]
}

extension LogarithmicTicks {
  /// The finest ticks that lie inside `range` and are at most `count`; there may be none in a narrow range.
  ///
  /// - Precondition: The range is of positive numbers, from 1e-150 to 1e150.
  package init(inside range: ClosedRange<Double>, atMost count: Int) {
    self.init(atMost: max(count, 1)) { spacing in
      let first = spacing.ceiling(range.lowerBound)
      return first..<max(first, spacing.floor(range.upperBound) + 1)
    }
  }

  /// The finest ticks, at most `count`, whose first and last enclose `range`: the range of an automatic axis.
  ///
  /// - Precondition: The range is of positive numbers, from 1e-150 to 1e150.
  package init(around range: ClosedRange<Double>, atMost count: Int) {
    // A range across 1 cannot be enclosed by two powers of ten.
    self.init(atMost: max(count, 3)) { $0.floor(range.lowerBound)..<$0.ceiling(range.upperBound) + 1 }
  }

  private init(atMost count: Int, numbers: (Spacing) -> Range<Int>) {
    let spacings = [Spacing.mantissas] + [1, 2, 3, 5, 10, 20, 50, 100, 200].map { Spacing.powers($0) }
    let spacing = spacings.first { numbers($0).count <= count } ?? .powers(200)
    ticks = numbers(spacing).map(spacing.tick)
  }

  /// Ticks in a row, each with its number: 10⁰ is number 0.
  private enum Spacing {
    /// 1, 2, 5, 10, 20, 50, …
    case mantissas
    /// Every so many powers of ten.
    case powers(Int)

    func tick(_ number: Int) -> Tick {
      switch self {
      case .mantissas:
        let exponent = (Double(number) / 3).rounded(.down)
        return Tick(mantissa: [1, 2, 5][number - 3 * Int(exponent)], exponent: Int(exponent))
      case .powers(let distance): return Tick(mantissa: 1, exponent: number * distance)
      }
    }

    /// The number of the last tick that is not above `value`. The tolerance forgives a value that only rounding has pushed
    /// below one.
    func floor(_ value: Double) -> Int {
      let exponent = Int(decimalLogarithm(of: value).rounded(.down))
      var number =
        switch self {
        case .mantissas: 3 * exponent
        case .powers(let distance): Int((Double(exponent) / Double(distance)).rounded(.down))
        }
      while tick(number + 1).value <= value * (1 + 1e-9) { number += 1 }
      return number
    }

    /// The number of the first tick that is not below `value`.
    func ceiling(_ value: Double) -> Int {
      let number = floor(value)
      return tick(number).value >= value * (1 - 1e-9) ? number : number + 1
    }
  }
}
