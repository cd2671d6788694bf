extension PNGFile {
  /// Inflates the pixels and turns them into shades of grey.
  ///
  /// Works row by row: beside the result it holds one byte of alpha a pixel, and two rows.
  ///
  /// - Returns: the size and the pixels, [height, width], 0 black to 255 white.
  func decode() throws(ImageFlaw) -> (width: Int, height: Int, pixels: [UInt8]) {
    var canvas = Canvas(count: header.width * header.height)
    let shades = Shades(of: self)
    var rows = PNGRows(compressed, pixelBits: header.pixelBits)
    for pass in header.isInterlaced ? Pass.adam7 : [Pass.whole] {
      let columns = pass.columns(of: header)
      guard columns > 0 else { continue }
      rows.startPass(columns: columns)
      for y in stride(from: pass.y, to: header.height, by: pass.dy) {
        let row = try rows.next()
        for column in 0..<columns {
          let (luma, alpha) = try shades.shade(column, of: row)
          canvas.set(y * header.width + pass.x + column * pass.dx, luma: luma, alpha: alpha)
        }
      }
    }
    try rows.finish()
    return (header.width, header.height, canvas.flattened())
  }

  /// The pixels of an interlaced picture that are transmitted together: every `dx`-th and `dy`-th from (`x`, `y`).
  private struct Pass {
    let x: Int
    let y: Int
    let dx: Int
    let dy: Int

    static let whole = Pass(x: 0, y: 0, dx: 1, dy: 1)

    /// Section 8.2 of the standard.
    static let adam7 = [
      Pass(x: 0, y: 0, dx: 8, dy: 8), Pass(x: 4, y: 0, dx: 8, dy: 8), Pass(x: 0, y: 4, dx: 4, dy: 8),
      Pass(x: 2, y: 0, dx: 4, dy: 4), Pass(x: 0, y: 2, dx: 2, dy: 4), Pass(x: 1, y: 0, dx: 2, dy: 2),
      Pass(x: 0, y: 1, dx: 1, dy: 2),
    ]

    func columns(of header: Header) -> Int {
      max(0, (header.width - x + dx - 1) / dx)
    }
  }
}

/// Shades of grey, each with how opaque it is.
private struct Canvas {
  private var luma: [UInt8]
  private var alpha: [UInt8]

  init(count: Int) {
    luma = [UInt8](repeating: 0, count: count)
    alpha = luma
  }

  mutating func set(_ index: Int, luma: UInt8, alpha: UInt8) {
    self.luma[index] = luma
    self.alpha[index] = alpha
  }

  /// The picture on an opaque ground, black or white.
  ///
  /// Where most of the picture is see-through, what can be seen is the ink, and the ground is its opposite: white ink
  /// on nothing must not vanish on white. Else what can be seen is mostly paper, and the ground is like it.
  consuming func flattened() -> [UInt8] {
    var (opacity, light) = (0, 0)
    for index in luma.indices {
      opacity += Int(alpha[index])
      light += Int(alpha[index]) * Int(luma[index])
    }
    guard opacity < 255 * luma.count else { return luma }
    let isLight = light >= 128 * opacity
    let isMostlyInk = opacity < 128 * luma.count
    // Nothing visible at all: white, as a viewer would show it.
    let ground = opacity == 0 || isLight != isMostlyInk ? 255 : 0
    for index in luma.indices {
      let weight = Int(alpha[index])
      luma[index] = UInt8((Int(luma[index]) * weight + ground * (255 - weight) + 127) / 255)
    }
    return luma
  }
}

/// Reads pixels out of unfiltered rows.
private struct Shades {
  private let file: PNGFile
  private let depth: Int
  private let greatest: Int
  /// The samples that mark a see-through pixel in grey and RGB pictures.
  private let key: [Int]?

  init(of file: PNGFile) {
    self.file = file
    depth = file.header.depth
    greatest = 1 << depth - 1
    let bytes = file.transparency
    let isKey = !bytes.isEmpty && file.header.colorType != .palette
    key = isKey ? stride(from: 0, to: bytes.count, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) } : nil
  }

  /// The luma and alpha, 0 to 255, of a pixel.
  func shade(_ column: Int, of row: [UInt8]) throws(ImageFlaw) -> (luma: UInt8, alpha: UInt8) {
    let first = column * file.header.colorType.channels
    switch file.header.colorType {
    case .gray:
      let value = sample(first, of: row)
      return (scaled(value), key.map { $0[0] == value } == true ? 0 : 255)
    case .grayAlpha:
      return (scaled(sample(first, of: row)), scaled(sample(first + 1, of: row)))
    case .rgb, .rgba:
      let (red, green, blue) = (sample(first, of: row), sample(first + 1, of: row), sample(first + 2, of: row))
      let alpha: UInt8 =
        if file.header.colorType == .rgba {
          scaled(sample(first + 3, of: row))
        } else {
          key.map { $0[0] == red && $0[1] == green && $0[2] == blue } == true ? 0 : 255
        }
      return (luma(scaled(red), scaled(green), scaled(blue)), alpha)
    case .palette:
      let index = sample(first, of: row)
      guard 3 * index < file.palette.count else {
        throw ImageFlaw("is a damaged PNG: a pixel has colour \(index) of \(file.palette.count / 3)")
      }
      let alpha = index < file.transparency.count ? file.transparency[index] : 255
      return (luma(file.palette[3 * index], file.palette[3 * index + 1], file.palette[3 * index + 2]), alpha)
    }
  }

  /// A sample as it is in the file: big-endian, or several to a byte from the highest bits on.
  private func sample(_ index: Int, of row: [UInt8]) -> Int {
    switch depth {
    case 16:
      return Int(row[2 * index]) << 8 | Int(row[2 * index + 1])
    case 8:
      return Int(row[index])
    default:
      let bit = index * depth
      return Int(row[bit / 8]) >> (8 - depth - bit % 8) & greatest
    }
  }

  private func scaled(_ sample: Int) -> UInt8 {
    UInt8((sample * 255 + greatest / 2) / greatest)
  }

  /// Luma of ITU-R BT.601.
  private func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    let sum = 299 * Int(red) + 587 * Int(green) + 114 * Int(blue)
    return UInt8((sum + 500) / 1000)
  }
}
