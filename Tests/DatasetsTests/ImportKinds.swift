import Datasets
import Foundation
import HDF5
import Images
import Support
import TestSupport
import Testing

/// Sources of many kinds that hold the same 6 color pictures; see `Fixtures/make_import_kinds.py`.
enum ImportKinds {
  static func path(_ name: String) throws -> String { try importFixture("../kinds/" + name) }

  /// Prepares a source with everything in the training split and nothing removed.
  static func imported(
    _ source: PreparationSource, classes: [String]? = nil
  ) throws -> (dataset: Dataset, report: PreparationReport) {
    let directory = try TemporaryDirectory()
    var preparation = Preparation(source: source, name: "n", origin: "o", license: "l")
    (preparation.validation, preparation.test) = (.count(0), .count(0))
    preparation.removesDuplicates = false
    preparation.classNames = classes
    let report = try preparation.run(writingTo: directory.path("a.h5"))
    return (try Dataset(opening: directory.path("a.h5")), report)
  }

  static func refusal(_ source: PreparationSource, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    try failureMessage(sourceLocation: sourceLocation) { _ = try imported(source) }
  }

  static func npy(
    _ images: String, _ labels: String = "labels.npy", _ reading: PreparationSource.ArrayReading = .init()
  ) throws -> PreparationSource {
    .npy(train: .init(images: try path(images), labels: try path(labels)), test: nil, reading)
  }

  static func hdf5(
    _ images: String, _ labels: String, in file: String = "kinds.h5",
    _ reading: PreparationSource.ArrayReading = .init()
  ) throws -> PreparationSource {
    .hdf5(path: try path(file), images: images, labels: labels, reading)
  }

  /// The pictures as NHWC bytes, by NumPy.
  static func expected() throws -> [[UInt8]] {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path("expected.npy"))))
    let size = 5 * 4 * 3
    let pixels = bytes.suffix(6 * size)
    return (0..<6).map { Array(pixels.dropFirst($0 * size).prefix(size)) }
  }

  /// Channel 0 of each.
  static func gray() throws -> [[UInt8]] {
    try expected().map { picture in stride(from: 0, to: picture.count, by: 3).map { picture[$0] } }
  }

  static func pixels(of dataset: Dataset) throws -> [[UInt8]] {
    try (0..<dataset.imageCount).map { try dataset.image(at: $0).pixels }
  }

  static func classes(of dataset: Dataset) -> [String] {
    (0..<dataset.sampleCount).map { dataset.classNames[dataset.label(of: $0)] }
  }
}
