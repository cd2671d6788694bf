import Datasets
import Foundation
import Tensors
import Testing

/// Images that are changed at random before they are read.
@Suite struct DistortionTests {
  private let size = 12

  /// One image with a filled square of ink, many times.
  private func square(_ rows: Range<Int>, _ columns: Range<Int>, count: Int = 64) -> SequenceData {
    let image = (0..<size * size).map { UInt8(rows.contains($0 / size) && columns.contains($0 % size) ? 255 : 0) }
    let images = LabeledImages(
      height: size, width: size, pixels: (0..<count).flatMap { _ in image }, labels: (0..<count).map { UInt8($0) })
    return SequenceData(images, Preprocessing(height: size, width: size), on: .cpu)
  }

  private func distorted(_ data: SequenceData, _ distortion: Distortion, seed: UInt64 = 1) -> [[Float]] {
    let batch = data.batch(0..<data.count, distortedBy: distortion) { place in
      RandomGenerator(seed: seed).stream(.augmentation, index: place)
    }
    #expect(batch.targets.elements(as: Int32.self) == (0..<Int32(data.count)).map(\.self))
    let floats = batch.sequences.floats, pixels = size * size
    return (0..<data.count).map { Array(floats[$0 * pixels..<($0 + 1) * pixels]) }
  }

  /// The mass of an image, or of a row of it, and where its centre lies.
  private func measure(_ image: [Float]) -> (mass: Float, y: Float, x: Float) {
    let mass = image.reduce(0, +)
    let y = image.enumerated().reduce(0) { $0 + $1.element * Float($1.offset / size) } / mass
    let x = image.enumerated().reduce(0) { $0 + $1.element * Float($1.offset % size) } / mass
    return (mass, y, x)
  }

  @Test func noneChangesNothing() {
    let data = square(3..<7, 4..<9)
    let plain = data.batch(0..<data.count).sequences.floats
    let same = zip(distorted(data, Distortion()).flatMap(\.self), plain).allSatisfy { abs($0 - $1) < 1e-5 }
    #expect(same)
  }

  @Test func aShiftMovesTheCentreAndKeepsTheInk() {
    let places = distorted(square(4..<8, 4..<8), Distortion(shift: 2)).map(measure)
    #expect(places.allSatisfy { abs($0.mass - 16) < 1e-3 })
    for offsets in [places.map { $0.y - 5.5 }, places.map { $0.x - 5.5 }] {
      #expect(offsets.allSatisfy { abs($0) <= 2.001 })
      #expect((offsets.min() ?? 0) < -1.5 && (offsets.max() ?? 0) > 1.5, "both ways, nearly as far as may be")
    }
    #expect(zip(places, places.dropFirst()).allSatisfy { $0.y != $1.y && $0.x != $1.x }, "each image by its own")
  }

  @Test func scalingKeepsTheCentreAndChangesTheInk() {
    let places = distorted(square(4..<8, 4..<8), Distortion(scaling: 0.3)).map(measure)
    #expect(places.allSatisfy { abs($0.y - 5.5) < 0.1 && abs($0.x - 5.5) < 0.1 })
    let masses = places.map(\.mass)
    let (least, most) = (masses.min() ?? 0, masses.max() ?? 0)
    #expect(least > 16 * 0.7 * 0.7 - 1 && least < 12)
    #expect(most < 16 * 1.3 * 1.3 + 1 && most > 20)
  }

  /// A bar across the middle, turned by an angle: its ends go up and down by the angle's sine.
  @Test func rotationTurnsAboutTheMiddle() {
    let images = distorted(square(5..<7, 1..<11), Distortion(rotation: 30))
    let slopes = images.map { image -> Float in
      func height(_ columns: Range<Int>) -> Float {
        var mass: Float = 0, moment: Float = 0
        for pixel in image.indices where columns.contains(pixel % size) {
          mass += image[pixel]
          moment += image[pixel] * Float(pixel / size)
        }
        return moment / mass
      }
      return (height(8..<10) - height(2..<4)) / 6
    }
    let largest = Float(tan(30 * Double.pi / 180))
    #expect(slopes.allSatisfy { abs($0) < largest + 0.05 })
    #expect((slopes.min() ?? 0) < -0.35 && (slopes.max() ?? 0) > 0.35)
    #expect(images.map(measure).allSatisfy { abs($0.y - 5.5) < 0.2 && abs($0.x - 5.5) < 0.2 })
  }

  /// Each row of a slanted square keeps its ink; the upper ones go one way and the lower ones the other.
  @Test func slantingLeavesRowsAtTheirHeight() {
    let places = distorted(square(2..<10, 5..<7), Distortion(slant: 30)).map { image in
      (0..<size).map { row in measure(Array(image[row * size..<(row + 1) * size])) }
    }
    for rows in places {
      #expect(rows[2..<10].allSatisfy { abs($0.mass - 2) < 1e-3 } && rows[0].mass + rows[11].mass < 1e-3)
      #expect(abs(rows[2].x + rows[9].x - 11) < 1e-3, "about the middle")
    }
    let slopes = places.map { ($0[9].x - $0[2].x) / 7 }, largest = Float(tan(30 * Double.pi / 180))
    #expect(slopes.allSatisfy { abs($0) <= largest + 1e-3 })
    #expect((slopes.min() ?? 0) < -0.4 && (slopes.max() ?? 0) > 0.4)
  }

  @Test func sidewaysAlone() {
    let places = distorted(square(4..<8, 4..<8), Distortion(shift: 2, scaling: 0.3, bending: 1, vertical: 0)).map {
      image in
      (measure(image).x, (0..<size).filter { row in image[row * size..<(row + 1) * size].contains { $0 > 1e-3 } })
    }
    #expect(places.allSatisfy { $0.1 == [4, 5, 6, 7] }, "no ink leaves its rows")
    #expect(Set(places.map(\.0)).count == places.count)
  }

  @Test func bendingIsNoAffineMap() {
    // The mean of a bar's ends stays at its middle under every affine map about it, whatever the map.
    let images = distorted(square(5..<7, 0..<12), Distortion(bending: 3))
    let bends = images.map { image -> Float in
      func height(_ column: Int) -> Float {
        let ink = (0..<size).map { image[$0 * size + column] }
        return ink.enumerated().reduce(0) { $0 + $1.element * Float($1.offset) } / ink.reduce(0, +)
      }
      return (height(1) + height(10)) / 2 - height(5)
    }
    #expect(bends.filter { abs($0) > 0.2 }.count > 30)
  }

  @Test func theSameSeedGivesTheSameBitsForAnyNumberOfThreads() {
    let all = Distortion(shift: 1, rotation: 10, slant: 10, scaling: 0.1, bending: 1, vertical: 0.5)
    let image = (0..<size * size).map { UInt8($0) }
    let images = LabeledImages(
      height: size, width: size, pixels: (0..<40).flatMap { _ in image }, labels: [UInt8](repeating: 0, count: 40))
    func bits(threads: Int, seed: UInt64) -> [UInt32] {
      let data = SequenceData(images, Preprocessing(height: size, width: size), on: Device(threads: threads))
      let batch = data.batch(0..<40, distortedBy: all) { RandomGenerator(seed: seed, stream: UInt64($0)) }
      return batch.sequences.floats.map(\.bitPattern)
    }
    #expect(bits(threads: 1, seed: 1) == bits(threads: 3, seed: 1))
    #expect(bits(threads: 1, seed: 1) != bits(threads: 1, seed: 2))
  }

  @Test func aDistortionFromAFileMayBeUnsound() throws {
    for text in ["-1", "1e39"] {
      let json = #"{"shift":\#(text),"rotation":0,"slant":0,"scaling":0,"bending":0,"vertical":1}"#
      let distortion = try? JSONDecoder().decode(Distortion.self, from: Data(json.utf8))
      #expect(distortion?.isSound != true)
    }
    #expect(Distortion(shift: 1, rotation: 2, scaling: 0.5, bending: 3).isSound)
  }

  @Test func theFirstStepsOfEachSequence() {
    let data = square(3..<7, 4..<9), part = data.prefix(steps: 5)
    #expect(part.steps == 5 && part.features == size && part.count == data.count)
    let whole = data.batch([3, 1]).sequences.sliced(alongAxis: 1, 0..<5).floats
    #expect(part.batch([3, 1]).sequences.floats == whole)
    #expect(part.checksum == data.checksum)
  }
}
