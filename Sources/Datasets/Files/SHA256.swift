/// The hash function SHA-256 of FIPS 180-4.
///
/// Our own page of code, because swift-crypto (the only other portable way) adds over a minute to a build that has
/// to end in three; a checksum of public files needs no protection against timing.
package struct SHA256 {
  /// H(0) to H(7): section 5.3.3, the first 32 bits of the fractional parts of the square roots of the first primes.
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  /// The bytes that do not fill a block yet: always fewer than 64.
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// The hash of nothing, so far.
  package init() {
    pending.reserveCapacity(Self.blockSize)
  }

  /// Takes in more bytes of the message; any number, cut anywhere.
  package mutating func update(_ message: [UInt8]) {
    message.withUnsafeBytes { update($0) }
  }

  /// Takes in more bytes of the message; any number, cut anywhere.
  package mutating func update(_ message: UnsafeRawBufferPointer) {
    byteCount += UInt64(message.count)
    var rest = message[...]
    if !pending.isEmpty {
      let missing = rest.prefix(Self.blockSize - pending.count)
      pending.append(contentsOf: missing)
      rest = rest.dropFirst(missing.count)
      guard pending.count == Self.blockSize else { return }
      pending.withUnsafeBytes { Self.compress($0, into: &state) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count / Self.blockSize * Self.blockSize
    Self.compress(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)), into: &state)
    pending.append(contentsOf: rest.dropFirst(whole))
  }

  /// The digest of all bytes taken in, as 64 lower-case hexadecimal digits.
  package consuming func finalize() -> String {
    let bitCount = byteCount << 3
    // Section 5.1.1: a one bit, zeros up to 8 bytes before the end of a block, the length in bits.
    let zeros = (Self.blockSize + 55 - pending.count) % Self.blockSize
    update([0x80] + [UInt8](repeating: 0, count: zeros))
    update((0..<8).map { UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * $0)) })
    return state.flatMap { word in [24, 16, 8, 0].map { hexadecimal(UInt8(truncatingIfNeeded: word >> $0)) } }.joined()
  }

  private static let blockSize = 64

  /// K(0) to K(63): section 4.2.2, the same digits of the cube roots.
  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]

  /// Section 6.2.2, for each block of `blocks`, whose size is a multiple of 64 bytes.
  private static func compress(_ blocks: UnsafeRawBufferPointer, into state: inout [UInt32]) {
    guard let start = blocks.baseAddress else { return }
    state.withUnsafeMutableBufferPointer { state in
      constants.withUnsafeBufferPointer { constants in
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
          for offset in stride(from: 0, to: blocks.count, by: blockSize) {
            compress(block: start + offset, schedule: schedule, constants: constants, state: state)
          }
        }
      }
    }
  }

  @inline(__always)
  private static func compress(
    block: UnsafeRawPointer, schedule w: UnsafeMutableBufferPointer<UInt32>,
    constants k: UnsafeBufferPointer<UInt32>, state: UnsafeMutableBufferPointer<UInt32>
  ) {
    for t in 0..<16 {
      w[t] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * t, as: UInt32.self))
    }
    for t in 16..<64 {
      let x = w[t &- 15]
      let y = w[t &- 2]
      let sigma0 = rotate(x, 7) ^ rotate(x, 18) ^ (x &>> 3)
      let sigma1 = rotate(y, 17) ^ rotate(y, 19) ^ (y &>> 10)
      w[t] = sigma1 &+ w[t &- 7] &+ sigma0 &+ w[t &- 16]
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    // Eight rounds to a turn: the variables change roles instead of moving.
    for t in stride(from: 0, to: 64, by: 8) {
      round(a, b, c, &d, e, f, g, &h, k[t] &+ w[t])
      round(h, a, b, &c, d, e, f, &g, k[t &+ 1] &+ w[t &+ 1])
      round(g, h, a, &b, c, d, e, &f, k[t &+ 2] &+ w[t &+ 2])
      round(f, g, h, &a, b, c, d, &e, k[t &+ 3] &+ w[t &+ 3])
      round(e, f, g, &h, a, b, c, &d, k[t &+ 4] &+ w[t &+ 4])
      round(d, e, f, &g, h, a, b, &c, k[t &+ 5] &+ w[t &+ 5])
      round(c, d, e, &f, g, h, a, &b, k[t &+ 6] &+ w[t &+ 6])
      round(b, c, d, &e, f, g, h, &a, k[t &+ 7] &+ w[t &+ 7])
    }
    for (index, word) in [a, b, c, d, e, f, g, h].enumerated() {
      state[index] &+= word
    }
  }

  /// One round; afterwards `d` plays the new e and `h` the new a.
  @inline(__always)
  private static func round(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32,
    _ e: UInt32, _ f: UInt32, _ g: UInt32, _ h: inout UInt32, _ input: UInt32
  ) {
    let sigma1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    let sigma0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    let choice = (e & f) ^ (~e & g)
    let majority = (a & b) ^ (a & c) ^ (b & c)
    let sum = h &+ sigma1 &+ choice &+ input
    d &+= sum
    h = sum &+ sigma0 &+ majority
  }

  @inline(__always)
  private static func rotate(_ x: UInt32, _ count: UInt32) -> UInt32 {
    (x &>> count) | (x &<< (32 &- count))
  }
}
