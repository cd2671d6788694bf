import Tensors

extension OpCase {
  /// Images with their pixels moved about, and sequences that begin later.
  static var warps: [OpCase] {
    let sizes: [(height: Int, width: Int, controls: Int)] = [(28, 28, 7), (5, 17, 4), (1, 1, 4), (33, 16, 16)]
    let moves: [Float] = [0, 0.7, 40]
    return sizes.flatMap { size in moves.map { warpCase(size.height, size.width, controls: size.controls, move: $0) } }
      + [(1, 4, 3), (5, 7, 2), (130, 28, 28)].flatMap { batch, steps, features in
        [Operand.Layout.dense, .timeMajor, .window].map { delayCase(batch, steps, features, layout: $0) }
      }
  }

  /// The control points are moved by normal numbers of deviation `move`, many of them out of the image if that is large.
  private static func warpCase(_ height: Int, _ width: Int, controls: Int, move: Float) -> OpCase {
    let grid = WarpGrid(height: height, width: width, controls: controls)
    let items = 5, size = height * width, rows: [Int32] = [4, 0, 0, 2, 3, 1, 1]
    let bytes = (0..<items * size).map { UInt8($0 * 37 % 256) }
    let columns = SequenceLayout(steps: width, features: height, stepStride: 1, featureStride: width)
    let positions = [grid.positions(along: height), grid.positions(along: width)]
    let points = (0..<rows.count).map { place in
      let noise = normals([2, controls, controls], for: "image \(place)")
      return (0..<grid.controlCount).map { index in
        let (axis, j, k) = (index / (controls * controls), index / controls % controls, index % controls)
        return positions[axis][axis == 0 ? j : k] + move * noise[index]
      }
    }
    return OpCase(
      "warp images of \(height)×\(width) by \(controls)×\(controls) points, moved by \(move)",
      results: { device in
        let batch = gatherWarpedSequences(
          from: Tensor(bytes, shape: [items, size], on: device), rows: rows, layout: columns, scale: 1 / 255,
          shift: -0.5, grid: grid
        ) { place, control in
          for (index, point) in points[place].enumerated() { control[index] = point }
        }
        return [OpResult("shape", batch.shape.map(Float.init)), OpResult("value", batch.floats)]
      },
      expectations: {
        let expected = Doubles([rows.count, width, height]) { index in
          let (place, x, y) = (index[0], index[1], index[2])
          var (fromY, fromX) = (0.0, 0.0)
          for j in 0..<controls {
            for k in 0..<controls {
              let weight =
                splineWeight(of: j, at: y, of: height, controls) * splineWeight(of: k, at: x, of: width, controls)
              fromY += weight * Double(points[place][j * controls + k])
              fromX += weight * Double(points[place][controls * controls + j * controls + k])
            }
          }
          func pixel(_ y: Int, _ x: Int) -> Double {
            guard (0..<height).contains(y) && (0..<width).contains(x) else { return 0 }
            return Double(bytes[Int(rows[place]) * size + y * width + x])
          }
          let (top, left) = (Int(fromY.rounded(.down)), Int(fromX.rounded(.down)))
          let (v, u) = (fromY - Double(top), fromX - Double(left))
          let value =
            (1 - v) * ((1 - u) * pixel(top, left) + u * pixel(top, left + 1))
            + v * ((1 - u) * pixel(top + 1, left) + u * pixel(top + 1, left + 1))
          return value / 255 - 0.5
        }
        return [
          Expectation(expected.shape.map(Double.init), tolerance: 0), Expectation(expected.elements, tolerance: 2e-5),
        ]
      })
  }

  /// The cubic B-spline about control point `index`, at a pixel, by the recursion of Cox and de Boor.
  private static func splineWeight(of index: Int, at pixel: Int, of size: Int, _ controls: Int) -> Double {
    let spacing = max(1, Double(size - 1)) / Double(controls - 3)
    // The last pixel lies at the end of the last piece, which counts as part of it.
    let place = min(Double(pixel) / spacing, Double(controls - 3) - 1e-12)
    func spline(_ knot: Int, _ degree: Int) -> Double {
      let start = Double(knot)
      guard degree > 0 else { return place >= start && place < start + 1 ? 1 : 0 }
      let width = Double(degree)
      return (place - start) / width * spline(knot, degree - 1)
        + (start + width + 1 - place) / width * spline(knot + 1, degree - 1)
    }
    return spline(index - 3, 3)
  }

  private static func delayCase(_ batch: Int, _ steps: Int, _ features: Int, layout: Operand.Layout) -> OpCase {
    let sequences = Operand("sequences", [batch, steps, features], layout: layout)
    let delays = (0..<batch).map { $0 * 3 % (steps + 1) }
    return OpCase(
      "delay \(layout) sequences \(sequences.shape)",
      results: { device in
        let delayed = sequences.tensor(on: device).delayed(by: delays, blank: 0.25)
        return [OpResult("shape", delayed.shape.map(Float.init)), OpResult("value", delayed.floats)]
      },
      expectations: {
        let all = sequences.doubles
        let expected = Doubles(sequences.shape) { index in
          let step = index[1] - delays[index[0]]
          return step < 0 ? 0.25 : all[[index[0], step, index[2]]]
        }
        return [
          Expectation(expected.shape.map(Double.init), tolerance: 0), Expectation(expected.elements, tolerance: 0),
        ]
      })
  }
}
