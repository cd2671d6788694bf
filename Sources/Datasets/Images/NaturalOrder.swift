/// Whether a name comes before another one when numbers within them count by their value: "digit 2" before "digit 10".
///
/// It is an order of bytes otherwise, the same in every language: upper case first. Names that differ in zeros in front
/// of a number alone ("7", "07") are ordered by bytes too, so that no two names are equal.
func isInNaturalOrder(_ first: String, _ second: String) -> Bool {
  var (a, b) = (Array(first.utf8)[...], Array(second.utf8)[...])
  while let x = a.first, let y = b.first {
    if isDigit(x) && isDigit(y) {
      let (m, n) = (takeNumber(&a), takeNumber(&b))
      if m.count != n.count { return m.count < n.count }
      if !m.elementsEqual(n) { return m.lexicographicallyPrecedes(n) }
    } else {
      if x != y { return x < y }
      (a, b) = (a.dropFirst(), b.dropFirst())
    }
  }
  if a.isEmpty && b.isEmpty { return first.utf8.lexicographicallyPrecedes(second.utf8) }
  return a.isEmpty
}

/// Takes the digits in front, and leaves out zeros before them.
private func takeNumber(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  let digits = rest.prefix(while: isDigit)
  rest = rest.dropFirst(digits.count)
  return digits.drop { $0 == UInt8(ascii: "0") }
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
