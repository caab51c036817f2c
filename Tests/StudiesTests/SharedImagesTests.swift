import Datasets
import Images
import Studies
import StudyTestSupport
import TestSupport
import Testing

@Suite struct SharedImagesTests {
  private func image(_ number: Int, side: Int = 4) -> Image {
    Image(height: side, width: side, channels: 1, pixels: (0..<side * side).map { UInt8(($0 * 7 + number * 13) % 256) })
  }

  /// Writes images by split and gives the path.
  private func write(_ images: [(Image, Split)], to path: String) throws -> String {
    let header = DatasetHeader(name: "a", source: "", license: "", classNames: ["x", "y"], channels: 1)
    var writer = try DatasetWriter(path: path, header: header)
    var places: [Split: [Int]] = [:]
    for (place, (image, split)) in images.enumerated() {
      try writer.append(image, regions: [LabeledRegion(label: place % 2)])
      places[split, default: []].append(place)
    }
    try writer.finish(splits: places)
    return path
  }

  private func shared(_ source: String, _ target: String, _ other: String) throws -> [SharedImages] {
    try SharedImages.all(
      in: exampleStudy("domains=[{name: a, source: \(source), target: \(target)}, {name: b, target: \(other)}]"))
  }

  @Test func imagesOfTrainingAreFoundInTargetsByTheirSamples() throws {
    let directory = try TemporaryDirectory()
    let source = try write(
      [(image(0), .train), (image(1), .train), (image(2), .validation), (image(3), .test)],
      to: directory.path("source.h5"))
    let target = try write(
      [(image(1), .test), (image(2), .train), (image(3), .test), (image(8), .test)], to: directory.path("target.h5"))
    // The same bytes in another form are another image.
    let wide = Image(height: 2, width: 8, channels: 1, pixels: image(0).pixels)
    let other = try write([(wide, .train), (image(9), .test)], to: directory.path("other.h5"))
    // The image of the source's own test split was never trained on.
    #expect(
      try shared(source, target, other) == [SharedImages(source: "a", target: "a", images: 2, tested: 1, tests: 3)])
    #expect(try shared(source, other, other).isEmpty)
  }

  @Test func aFileThatIsSourceAndTargetIsSaid() throws {
    let directory = try TemporaryDirectory()
    let path = try write([(image(0), .train), (image(1), .test)], to: directory.path("a.h5"))
    let other = try write([(image(5), .train), (image(6), .test)], to: directory.path("b.h5"))
    let found = try shared(path, path, other)
    #expect(found.map(\.images) == [1] && found.map(\.tested) == [0])
    #expect(
      found[0].sentence.hasPrefix("1 images of the target a are training or validation images of the source a too"))
  }
}
