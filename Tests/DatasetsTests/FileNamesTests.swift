import Datasets
import Foundation
import HDF5
import Support
import TestSupport
import Testing

/// The names of the files that a dataset's images came from.
@Suite struct FileNamesTests {
  private static let names: [String?] = [
    "käse/1.png", nil, "wein/a b.jpg", "x", "train/brot/\u{1F600}.png", "käse/1.png",
  ]

  /// Writes six images with these names.
  private func write(_ names: [String?], to path: String) throws {
    var writer = try DatasetWriter(path: path, header: exampleHeader)
    for (number, name) in names.enumerated() {
      try writer.append(exampleImage(number), regions: [LabeledRegion(label: 0)], fileName: name)
    }
    try writer.finish(splits: [.train: Array(names.indices)])
  }

  @Test(arguments: [Dataset.defaultMemoryLimit, 0])
  func theNamesComeBack(memoryLimit: Int) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    try write(Self.names, to: path)
    let dataset = try Dataset(opening: path, memoryLimit: memoryLimit)
    #expect((0..<6).map { dataset.fileName(of: $0) } == Self.names)
    #expect(dataset.namedImageCount == 5)
    #expect(dataset.fileName(of: 6) == nil && dataset.fileName(of: -1) == nil)
  }

  /// A file without the array is one from before names were kept, or of images that came from no files.
  @Test func aFileWithoutNamesIsReadable() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    try write([nil, nil], to: path)
    #expect(try !HDF5File(opening: path).exists("/images/file"))
    let dataset = try Dataset(opening: path)
    #expect(dataset.fileName(of: 0) == nil && dataset.namedImageCount == 0)
  }

  /// Names are not data: a run resumes, and a study's results hold, whatever the files were called.
  @Test func namesDoNotChangeWhatTheDataAre() throws {
    let directory = try TemporaryDirectory()
    try write(Self.names, to: directory.path("a.h5"))
    try write(Self.names.map { _ in nil }, to: directory.path("b.h5"))
    let (a, b) = (try Dataset(opening: directory.path("a.h5")), try Dataset(opening: directory.path("b.h5")))
    #expect(a.checksums == b.checksums)
    #expect(try Dataset.fingerprint(of: a.path) == Dataset.fingerprint(of: b.path))
  }

  @Test func aNameWithAZeroByteIsRefused() throws {
    let directory = try TemporaryDirectory()
    let message = try failureMessage { try write(["a\0b"], to: directory.path("a.h5")) }
    #expect(message.contains("image 0: a file name with a zero byte"), "\(message)")
  }

  @Test(arguments: [
    ([97, 0, 98, 0, 98, 0] as [UInt8], UInt32?.none, "its values changed"),
    ([97, 0, 98, 98, 98, 0], 0xFFDD_54BF, "expected 3 names"),
    ([97, 0, 0xFF, 0xFE, 0, 0], 0x1335_2577, "in UTF-8"),
    ([97, 0, 98, 0, 0, 98], 0x40F9_42A0, "expected 3 names"),
  ])
  func damagedNames(bytes: [UInt8], checksum: UInt32?, reason: String) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    try write(["a", nil, "bc"], to: path)
    do {
      let file = try HDF5File(opening: path, .readWrite)
      do {
        let names = try file.dataset("/images/file")
        try names.write(bytes)
        if let checksum { try names.setAttribute("crc32", to: checksum) }
      }
      try file.close()
    }
    let message = try failureMessage { _ = try Dataset(opening: path) }
    #expect(message.hasPrefix(path) && message.contains(reason), "\(message)")
  }
}
