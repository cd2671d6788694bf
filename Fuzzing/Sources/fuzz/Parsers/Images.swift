@testable import Datasets

extension Parser {
  static let png = Parser(
    name: "png",
    // The first byte chooses what is made right before the file is read: nothing, the checksums of its chunks, or also
    // the compression of its pixels, which are plain then.
    seeds: pngSeeds,
    words: ["IHDR", "PLTE", "tRNS", "IDAT", "IEND", "tEXt", "\0\0\0\u{1}", "\0\0\0\0", "\0\0\0\u{D}"]
  ) { bytes in
    guard let first = bytes.first else { return }
    let file = Array(bytes.dropFirst())
    checkImage(first % 3 == 0 ? file : repaired(file, deflating: first % 3 == 2))
  }

  static let pgm = Parser(
    name: "pgm",
    seeds: ["P2 # text\n3 2\n300\n1 20 300 4 5 6\n", "P5\n3 2 255\nabcdef", "P5 1\t2\r\n65535\nabcd", "P2 1 1 1 1"]
      .map { Array($0.utf8) },
    words: ["P2", "P5", "\n", "# ", "255", "65535", " 1", " 0", "2147483647"], read: checkImage)
}

private var pngSeeds: [[UInt8]] {
  let kinds = [(0, 1), (0, 16), (2, 8), (3, 2), (3, 8), (4, 8), (6, 16)]
  let whole = kinds.map { [1] + pngFile(colorType: $0, depth: $1, isInterlaced: true, isDeflated: true) }
  let plain = kinds.map { [2] + pngFile(colorType: $0, depth: $1, isInterlaced: false, isDeflated: false) }
  return whole + plain + [[0] + GrayImage(width: 2, height: 3, pixels: [0, 50, 100, 150, 200, 250]).png]
}

/// Reads a picture, and makes of it what a network reads.
@Sendable private func checkImage(_ bytes: [UInt8]) {
  refusing("name") { () throws(DatasetError) in
    let image = try GrayImage(encoded: bytes, name: "name")
    promise(image.width > 0 && image.height > 0 && image.pixels.count == image.width * image.height)
    let prepared = try image.preparedLikeMNIST()
    promise(prepared.count == 28 * 28)
  }
}

/// A small file of this kind, with a palette and a see-through colour where there can be.
private func pngFile(colorType: Int, depth: Int, isInterlaced: Bool, isDeflated: Bool) -> [UInt8] {
  var encoder = PNGEncoder(width: 3, height: 5, depth: depth, colorType: colorType, isInterlaced: isInterlaced)
  if colorType == 3 { encoder.palette = (0..<3 << depth).map { UInt8($0 * 7 % 256) } }
  encoder.transparency = [0: [0, 1], 2: [0, 1, 0, 1, 0, 1], 3: [128, 0]][colorType] ?? []
  var kind = 0
  encoder.filter = {
    kind += 1
    return kind % 5
  }
  let rows = encoder.rows((0..<15 * encoder.channels).map { $0 % (1 << depth) })
  return encoder.file(pixels: isDeflated ? compress(rows, gzip: false) : rows)
}

/// A file of the same chunks with right checksums, and with all pixels deflated if asked; what is no chunk any more is
/// left out.
private func repaired(_ file: [UInt8], deflating: Bool) -> [UInt8] {
  var cursor = ByteCursor(file.dropFirst(PNGEncoder.signature.count))
  var repaired = PNGEncoder.signature, pixels: [UInt8] = []
  while let size = cursor.number(), let type = cursor.bytes(4) {
    let name = String(decoding: type, as: UTF8.self)
    let data = cursor.bytes(min(size, cursor.rest.count)).map(Array.init) ?? []
    _ = cursor.number()
    if deflating, name == "IDAT" {
      pixels += data
      continue
    }
    if deflating, name == "IEND" { repaired += PNGEncoder.chunk("IDAT", compress(pixels, gzip: false)) }
    repaired += PNGEncoder.chunk(name, data)
  }
  return repaired
}
