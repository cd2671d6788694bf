// Every platform calls its C library by another name; this file is the one place that knows.
#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The natural logarithm of 1 + `value`.
func logarithm(onePlus value: Double) -> Double { log1p(value) }

/// `base` to the power `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// The logarithm of `value` to the base 10.
func decimalLogarithm(of value: Double) -> Double { log10(value) }
