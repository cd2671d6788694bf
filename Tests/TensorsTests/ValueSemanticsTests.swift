import Tensors
import Testing

/// Tensors share memory as long as nobody writes to it.
@Suite("Value semantics")
struct ValueSemanticsTests {
  private let device = Device(threads: 1)

  @Test func writingASharedTensorLeavesTheOtherWhole() {
    var a = Tensor([1, 2, 3] as [Float], on: device)
    let b = a
    subtractOne(from: &a)
    #expect(a.floats == [0, 1, 2])
    #expect(b.floats == [1, 2, 3])
    #expect(device.copiesOnWrite == 1)
  }

  @Test func aTensorOfOnesOwnIsWrittenInPlace() {
    var a = Tensor([1, 2, 3] as [Float], on: device)
    subtractOne(from: &a)
    subtractOne(from: &a)
    #expect(a.floats == [-1, 0, 1])
    #expect(device.copiesOnWrite == 0)
  }

  @Test func onceTheOtherIsGoneNothingIsCopied() {
    var a = Tensor([1, 2, 3] as [Float], on: device)
    do {
      let b = a
      #expect(b.count == 3)
    }
    subtractOne(from: &a)
    #expect(a.floats == [0, 1, 2])
    #expect(device.copiesOnWrite == 0)
  }

  @Test func writingAViewLeavesItsSourceWhole() {
    let matrix = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3], on: device)
    var row = matrix.selected(1, alongAxis: 0), column = matrix.selected(1, alongAxis: 1)
    var transposed = matrix.transposed()
    subtractOne(from: &row)
    subtractOne(from: &column)
    subtractOne(from: &transposed)
    #expect(row.floats == [3, 4, 5])
    #expect(column.floats == [1, 4])
    #expect(transposed.floats == [0, 3, 1, 4, 2, 5])
    #expect(matrix.floats == [1, 2, 3, 4, 5, 6])
  }

  @Test func writingTheSourceLeavesItsViewsWhole() {
    var matrix = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2], on: device)
    let row = matrix.selected(0, alongAxis: 0), transposed = matrix.transposed()
    subtractOne(from: &matrix)
    #expect(matrix.floats == [0, 1, 2, 3])
    #expect(row.floats == [1, 2])
    #expect(transposed.floats == [1, 3, 2, 4])
  }

  @Test func aViewWhoseSourceIsGoneIsWrittenWhereItLies() {
    var part = Tensor([1, 2, 3, 4] as [Float], on: device).sliced(alongAxis: 0, 1..<3)
    subtractOne(from: &part)
    #expect(part.floats == [1, 2])
    #expect(device.copiesOnWrite == 0)
  }

  @Test func movingIsAddingAndMovingByNothingCostsNothing() {
    var a = Tensor([1, 2] as [Float], on: device)
    let before = device.systemAllocations
    a.move(by: .zero)
    #expect(device.systemAllocations == before)
    a.move(by: Tensor([0.5, -2] as [Float], on: device))
    #expect(a.floats == [1.5, 0])
  }

  private func subtractOne(from tensor: inout Tensor) {
    var velocity = Tensor.zeros(tensor.shape, on: device)
    let ones = Tensor(repeating: 1, shape: tensor.shape, on: device)
    tensor.update(sgdRate: 1, momentum: 0, nesterov: false, gradient: ones, velocity: &velocity)
  }
}
