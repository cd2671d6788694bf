import CZlib

/// The chunks of a PNG file (ISO/IEC 15948), taken apart and checked, its pixels still compressed.
struct PNGFile {
  /// What the pixels are made of; the numbers are those of the file.
  enum ColorType: UInt8 {
    case gray = 0
    case rgb = 2
    case palette = 3
    case grayAlpha = 4
    case rgba = 6

    /// Samples in a pixel.
    var channels: Int {
      switch self {
      case .gray, .palette: 1
      case .grayAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }

    /// The bits that a sample may have.
    var depths: Set<Int> {
      switch self {
      case .gray: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .rgb, .grayAlpha, .rgba: [8, 16]
      }
    }
  }

  /// The chunk IHDR.
  struct Header {
    let width: Int
    let height: Int
    let depth: Int
    let colorType: ColorType
    let isInterlaced: Bool

    /// Bits in a pixel.
    var pixelBits: Int { depth * colorType.channels }
  }

  let header: Header
  /// Red, green and blue of each palette entry (PLTE), in a row.
  private(set) var palette: [UInt8] = []
  /// The chunk tRNS: an alpha for each palette entry, or the one colour that is see-through.
  private(set) var transparency: [UInt8] = []
  /// The pixels as one zlib stream: all IDAT chunks together.
  private(set) var compressed: [UInt8] = []

  static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  static func recognizes(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: signature)
  }

  /// Takes apart a file that `recognizes(_:)`; what follows its end chunk is not looked at.
  init(_ bytes: [UInt8]) throws(ImageFlaw) {
    var cursor = ByteCursor(bytes.dropFirst(Self.signature.count))
    let first = try Self.nextChunk(&cursor)
    guard first.type == "IHDR" else {
      throw ImageFlaw("does not begin with a PNG header")
    }
    header = try Self.header(first.data)
    var isAtEnd = false
    while !isAtEnd {
      let (type, data) = try Self.nextChunk(&cursor)
      switch type {
      case "PLTE": palette = Array(data)
      case "tRNS": transparency = Array(data)
      case "IDAT": compressed += data
      case "IEND": isAtEnd = true
      // An upper-case first letter says that the picture cannot be understood without the chunk.
      case let type where type.first?.isUppercase ?? true:
        throw ImageFlaw("has a PNG chunk of the unknown kind \(type)")
      default: continue
      }
    }
    try check()
  }

  private static func nextChunk(
    _ cursor: inout ByteCursor
  ) throws(ImageFlaw) -> (type: String, data: ArraySlice<UInt8>) {
    guard let count = cursor.number(), count <= Int(Int32.max), let checked = cursor.bytes(4 + count),
      let checksum = cursor.number()
    else {
      throw ImageFlaw("is a PNG that is cut off")
    }
    let type = String(decoding: checked.prefix(4), as: UTF8.self)
    guard checked.prefix(4).allSatisfy({ (0x41...0x5a).contains($0 & 0xdf) }) else {
      throw ImageFlaw("is a damaged PNG: a chunk's name is not made of letters")
    }
    let found = checked.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
    guard found == UInt(checksum) else {
      throw ImageFlaw("is a damaged PNG: the checksum of a chunk \(type) is wrong")
    }
    return (type, checked.dropFirst(4))
  }

  private static func header(_ data: ArraySlice<UInt8>) throws(ImageFlaw) -> Header {
    var cursor = ByteCursor(data)
    guard data.count == 13, let width = cursor.number(), let height = cursor.number(),
      let depth = cursor.byte(), let code = cursor.byte(),
      let compression = cursor.byte(), let filter = cursor.byte(), let interlace = cursor.byte()
    else {
      throw ImageFlaw("has a PNG header of \(data.count) bytes; 13 expected")
    }
    guard let colorType = ColorType(rawValue: code), colorType.depths.contains(Int(depth)) else {
      throw ImageFlaw("has PNG colour type \(code) with \(depth) bits, which does not exist")
    }
    guard compression == 0, filter == 0, interlace <= 1 else {
      throw ImageFlaw("uses a PNG compression, filter or interlacing that does not exist")
    }
    _ = try checkedPixelCount(width: width, height: height)
    return Header(width: width, height: height, depth: Int(depth), colorType: colorType, isInterlaced: interlace == 1)
  }

  /// Holds the chunks against each other once all are there.
  private func check() throws(ImageFlaw) {
    if header.colorType == .palette {
      guard !palette.isEmpty, palette.count % 3 == 0, palette.count <= 3 << header.depth else {
        throw ImageFlaw(
          "has a PNG palette of \(palette.count) bytes; 3 for each of at most \(1 << header.depth) colours expected")
      }
    }
    let expected: ClosedRange<Int>? =
      switch header.colorType {
      case .gray: 2...2
      case .rgb: 6...6
      case .palette: 1...palette.count / 3
      case .grayAlpha, .rgba: nil
      }
    guard transparency.isEmpty || expected?.contains(transparency.count) == true else {
      throw ImageFlaw("has a PNG chunk tRNS of \(transparency.count) bytes, which does not fit its colours")
    }
    // Also keeps a header of a few bytes from taking memory for millions of pixels.
    let greatest = compressed.count.multipliedReportingOverflow(by: Inflater.greatestRatio).partialValue
    guard header.width * header.height * header.pixelBits / 8 <= greatest else {
      throw ImageFlaw("is a PNG of \(header.width) × \(header.height) whose pixels are cut off")
    }
  }
}
