import Datasets
import Foundation
import HDF5
import Images
import Support
import Tensors
import TestSupport
import Testing

/// The path of a fixture made by `Fixtures/make_dataset_fixtures.py`.
func importFixture(_ name: String) throws -> String {
  let url = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
  return url.appending(path: "import/" + name).path
}

/// Picture `index` of the fixtures: 6 x 6, gray.
func fixturePicture(_ index: Int) -> Image {
  Image(height: 6, width: 6, channels: 1, pixels: (0..<36).map { UInt8((7 * index + 5 * $0) % 251) })
}

/// The message of the error that `body` throws.
func failureMessage(sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void) throws -> String {
  try #require(throws: FileError.self, sourceLocation: sourceLocation) { try body() }.message
}

/// A picture whose samples tell its size and number.
func picture(_ height: Int, _ width: Int, channels: Int = 1, number: Int = 0) -> Image {
  Image(
    height: height, width: width, channels: channels,
    pixels: (0..<height * width * channels).map { UInt8(($0 * 31 + number * 17 + height) % 256) })
}

let exampleHeader = DatasetHeader(
  name: "example", source: "made for tests", license: "CC0", classNames: ["käse", "brot", "wein"], channels: 1)

/// A dataset of 6 images of different sizes with 7 regions, written to `path`.
func writeExample(to path: String, header: DatasetHeader = exampleHeader) throws {
  var writer = try DatasetWriter(path: path, header: header)
  for number in 0..<5 {
    try writer.append(exampleImage(number, channels: header.channels), regions: [LabeledRegion(label: number % 3)])
  }
  try writer.append(
    exampleImage(5, channels: header.channels),
    regions: [
      LabeledRegion(label: 2, box: Box(x1: 0, y1: 1, x2: 3.5, y2: 8)), LabeledRegion(label: 0),
    ])
  try writer.finish(splits: [.train: [5, 0, 2], .validation: [1], .test: [3, 4]])
}

func exampleImage(_ number: Int, channels: Int = 1) -> Image {
  picture(3 + number, 4 + 2 * number, channels: channels, number: number)
}
