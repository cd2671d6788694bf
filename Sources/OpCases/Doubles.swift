/// An array of doubles with a shape, in row-major order: what references compute on. Written for reading, not for speed.
package struct Doubles: Sendable {
  package let shape: [Int]
  package var elements: [Double]

  package init(_ shape: [Int], _ elements: [Double]) {
    precondition(elements.count == shape.reduce(1, *), "\(elements.count) elements for shape \(shape)")
    self.shape = shape
    self.elements = elements
  }

  /// The array whose element at each index is what `element` gives.
  package init(_ shape: [Int], _ element: ([Int]) -> Double) {
    var index = [Int](repeating: 0, count: shape.count)
    let elements = (0..<shape.reduce(1, *)).map { _ in
      defer { Self.advance(&index, in: shape) }
      return element(index)
    }
    self.init(shape, elements)
  }

  package subscript(index: [Int]) -> Double { elements[position(of: index)] }
  package subscript(index: Int...) -> Double { elements[position(of: index)] }

  /// The element at an index of a shape that this array is broadcast to, by NumPy's rules.
  package subscript(broadcast index: [Int]) -> Double {
    let own = zip(index.suffix(shape.count), shape).map { $1 == 1 ? 0 : $0 }
    return elements[position(of: own)]
  }

  /// The array of `f` of every element.
  package func map(_ f: (Double) -> Double) -> Doubles { Doubles(shape, elements.map(f)) }

  private func position(of index: [Int]) -> Int {
    zip(index, shape).reduce(0) { position, axis in position * axis.1 + axis.0 }
  }

  /// The next index in row-major order.
  private static func advance(_ index: inout [Int], in shape: [Int]) {
    for axis in shape.indices.reversed() {
      index[axis] += 1
      if index[axis] < shape[axis] { return }
      index[axis] = 0
    }
  }
}
