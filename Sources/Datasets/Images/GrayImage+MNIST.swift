extension GrayImage {
  /// Makes of any picture of a digit what the MNIST database would have made of it.
  ///
  /// As LeCun, Bottou, Bengio and Haffner ("Gradient-based learning applied to document recognition", 1998, section
  /// III.A) describe: the ink is cut out, scaled to fit 20 × 20 pixels with its proportions kept, and laid into
  /// 28 × 28 with its centre of mass in the middle.
  ///
  /// - **Polarity** is decided by the border: the median of its pixels is the background, and ink is what lies on the
  ///   side of it, darker or lighter, that reaches farther. Background becomes 0, the strongest ink 255, and what is
  ///   fainter than an eighth of it (shadows, paper, compression) counts as background.
  /// - **A picture that already has the wanted size** is taken to be laid out already, as the images of the data set
  ///   are: light ink on a dark ground stays exactly as it is, dark ink on a light ground is inverted, nothing else.
  ///
  /// - Parameters:
  ///   - height: rows of the result; the ink gets 20 of each 28.
  ///   - width: columns of the result.
  /// - Returns: shape [height, width], row-major, 0 background to 255 ink.
  /// - Throws: `DatasetError.malformed` where there is no ink: no pixel differs from the background by 16 or more.
  public func preparedLikeMNIST(height: Int = 28, width: Int = 28) throws(DatasetError) -> [UInt8] {
    precondition(height > 0 && width > 0, "a picture cannot be made \(height) × \(width)")
    let background = borderMedian
    let darkest = Int(pixels.min() ?? 0)
    let lightest = Int(pixels.max() ?? 0)
    let isInkDark = background - darkest > lightest - background
    let contrast = isInkDark ? background - darkest : lightest - background
    guard contrast >= 16 else {
      throw .malformed("\(name): shows no ink: its brightness hardly varies (\(darkest) to \(lightest) of 255)")
    }
    if (self.height, self.width) == (height, width) {
      return isInkDark ? pixels.map { 255 - $0 } : pixels
    }
    let ink = pixels.map { pixel in
      let strength = Float(isInkDark ? background - Int(pixel) : Int(pixel) - background) / Float(contrast)
      return strength < 1 / 8 ? 0 : strength
    }
    return Plane(width: self.width, height: self.height, values: ink).inkBox()
      .fitting(width: max(1, width * 20 / 28), height: max(1, height * 20 / 28))
      .centered(width: width, height: height)
      .values.map { UInt8((min(1, max(0, $0)) * 255).rounded()) }
  }

  /// The median of the outermost pixels; of an even number the upper one.
  private var borderMedian: Int {
    let rows = [0, height - 1].flatMap { y in pixels[y * width..<(y + 1) * width] }
    let columns = (0..<height).flatMap { y in [pixels[y * width], pixels[(y + 1) * width - 1]] }
    let border = (rows + columns).sorted()
    return Int(border[border.count / 2])
  }
}

/// Numbers in the plane: the picture between the steps.
private struct Plane {
  let width: Int
  let height: Int
  /// Shape [height, width], row-major.
  var values: [Float]

  /// The smallest part that holds every value above zero; there is at least one.
  func inkBox() -> Plane {
    var (left, right, top, bottom) = (width, 0, height, 0)
    for y in 0..<height {
      for x in 0..<width where values[y * width + x] > 0 {
        (left, right, top, bottom) = (min(left, x), max(right, x), min(top, y), max(bottom, y))
      }
    }
    var part: [Float] = []
    for y in top...bottom {
      part += values[y * width + left...y * width + right]
    }
    return Plane(width: right - left + 1, height: bottom - top + 1, values: part)
  }

  /// Scaled to the largest size of the same proportions that fits.
  func fitting(width maxWidth: Int, height maxHeight: Int) -> Plane {
    let scale = min(Double(maxWidth) / Double(width), Double(maxHeight) / Double(height))
    let newWidth = min(maxWidth, max(1, Int((Double(width) * scale).rounded())))
    let newHeight = min(maxHeight, max(1, Int((Double(height) * scale).rounded())))
    return stretchedAcross(to: newWidth).transposed().stretchedAcross(to: newHeight).transposed()
  }

  /// Every row brought to another length: by averaging where it shrinks, by linear interpolation where it grows.
  private func stretchedAcross(to newWidth: Int) -> Plane {
    let taps = (0..<newWidth).map { Taps(output: $0, of: newWidth, inputs: width) }
    var result = Plane(width: newWidth, height: height, values: [])
    result.values.reserveCapacity(newWidth * height)
    for y in 0..<height {
      for tap in taps {
        var sum: Float = 0
        for (offset, weight) in tap.weights.enumerated() {
          sum += weight * values[y * width + tap.first + offset]
        }
        result.values.append(sum)
      }
    }
    return result
  }

  private func transposed() -> Plane {
    var result = Plane(width: height, height: width, values: [])
    result.values.reserveCapacity(values.count)
    for x in 0..<width {
      for y in 0..<height {
        result.values.append(values[y * width + x])
      }
    }
    return result
  }

  /// Laid into a larger plane with the centre of mass in its middle, as far as nothing falls off the edge.
  ///
  /// The middle is the pixel (width / 2, height / 2), and the shift is a whole number of pixels: in MNIST's own images
  /// the centres of mass lie within half a pixel of (14, 14).
  func centered(width newWidth: Int, height newHeight: Int) -> Plane {
    var (mass, momentX, momentY): (Float, Float, Float) = (0, 0, 0)
    for y in 0..<height {
      for x in 0..<width {
        let value = values[y * width + x]
        mass += value
        momentX += value * Float(x)
        momentY += value * Float(y)
      }
    }
    let left = Int((Float(newWidth / 2) - momentX / mass).rounded())
    let top = Int((Float(newHeight / 2) - momentY / mass).rounded())
    let (x0, y0) = (min(max(0, left), newWidth - width), min(max(0, top), newHeight - height))
    var result = Plane(
      width: newWidth, height: newHeight, values: [Float](repeating: 0, count: newWidth * newHeight))
    for y in 0..<height {
      for x in 0..<width {
        result.values[(y0 + y) * newWidth + x0 + x] = values[y * width + x]
      }
    }
    return result
  }
}

/// The input values that make up one output value of a row, and their weights, which sum to 1.
private struct Taps {
  let first: Int
  let weights: [Float]

  init(output: Int, of outputs: Int, inputs: Int) {
    let step = Double(inputs) / Double(outputs)
    if step >= 1 {
      // How much of each input pixel the output pixel covers.
      let (start, end) = (Double(output) * step, min(Double(output + 1) * step, Double(inputs)))
      first = min(Int(start), inputs - 1)
      weights = (first..<max(first + 1, Int(end.rounded(.up)))).map { index in
        Float((min(end, Double(index + 1)) - max(start, Double(index))) / (end - start))
      }
    } else {
      let center = max(0, min((Double(output) + 0.5) * step - 0.5, Double(inputs - 1)))
      first = Int(center)
      let fraction = Float(center - Double(first))
      weights = fraction > 0 ? [1 - fraction, fraction] : [1]
    }
  }
}
