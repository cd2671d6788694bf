/// A formula as plain text, with `_` before each index: "f = σ(W_f·x + b_f)".
struct Formula {
  /// A stretch of the formula.
  struct Piece: Equatable {
    let text: String
    let isIndex: Bool
  }

  /// Its stretches from left to right. An index is the letters and digits behind a `_`.
  let pieces: [Piece]

  init(_ text: String) {
    var pieces: [Piece] = []
    for (number, part) in text.split(separator: "_", omittingEmptySubsequences: false).enumerated() {
      let index = number == 0 ? "" : part.prefix { $0.isLetter || $0.isNumber }
      if !index.isEmpty { pieces.append(Piece(text: String(index), isIndex: true)) }
      let rest = part.dropFirst(index.count)
      if !rest.isEmpty { pieces.append(Piece(text: String(rest), isIndex: false)) }
    }
    self.pieces = pieces
  }

  /// As HTML.
  var html: String {
    pieces.map { $0.isIndex ? "<sub>\(SVGElement.escaped($0.text))</sub>" : SVGElement.escaped($0.text) }.joined()
  }

  /// As a line of an SVG picture whose baseline is at `y`.
  func line(x: Double, y: Double, size: Double) -> SVGElement {
    // `baseline-shift` is not known everywhere; what moves an index down has to be taken back behind it.
    let drop = size * 0.25
    var lowered = false
    let runs = pieces.map { piece in
      defer { lowered = piece.isIndex }
      let shift = piece.isIndex == lowered ? 0 : piece.isIndex ? drop : -drop
      return SVGElement(
        "tspan", ["dy": shift, "font-size": piece.isIndex ? size * 0.75 : size], text: piece.text)
    }
    return SVGElement("text", ["x": x, "y": y, "font-size": size], runs: runs).painted(fill: Theme.ink)
  }
}
