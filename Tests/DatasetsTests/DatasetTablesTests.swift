import Datasets
import Foundation
import HDF5
import Support
import TestSupport
import Testing

/// Damaged datasets, each with one clear error on opening.
@Suite struct DatasetTablesTests {
  /// Opens the example after a change to its file.
  private func refusal(_ change: (borrowing HDF5File) throws -> Void) throws -> String {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    try writeExample(to: path)
    do {
      let file = try HDF5File(opening: path, .readWrite)
      try change(file)
      try file.close()
    }
    let message = try failureMessage { _ = try Dataset(opening: path) }
    #expect(message.hasPrefix(path + ": "))
    return message
  }

  /// Overwrites values of a dataset and, optionally, their checksum.
  private func overwrite<Element: HDF5Element>(
    _ file: borrowing HDF5File, _ name: String, _ values: [Element], checksum: UInt32?
  ) throws {
    let dataset = try file.dataset(name)
    try dataset.write(values)
    if let checksum { try dataset.setAttribute("crc32", to: checksum) }
  }

  @Test func extentsBeyondCounting() throws {
    for (scale, channels) in [(Float(1e-30), 3), (0.5, 1 << 40)] {
      let message = try refusal {
        try $0.setAttribute("backbone", to: "{}")
        try $0.setAttribute("scale", to: scale)
        try $0.setAttribute("channels", to: channels)
      }
      #expect(message.contains(channels == 3 ? "scale" : "channels"), "\(message)")
    }
  }

  @Test func aFileThatLacksSomethingIsNotMissing() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    do {
      let file = try HDF5File(creating: path)
      try file.setAttribute("format", to: "bulkhead-dataset")
      try file.close()
    }
    let error = try #require(throws: FileError.self) { try Dataset(opening: path) }
    #expect(error.kind == .badData && error.message.contains("version"), "\(error.message)")
    let missing = try #require(throws: FileError.self) { try Dataset(opening: directory.path("none.h5")) }
    #expect(missing.kind == .missing)
  }

  @Test func labelsOutOfRange() throws {
    let message = try refusal {
      try overwrite($0, "/regions/label", [0, 1, 2, 0, 3, 2, 0] as [Int32], checksum: 0xFE20_B1CF)
    }
    #expect(message.contains("region 4 has label 3, expected 0 to 2"), "\(message)")
  }

  @Test func aRegionOnAnImageThatDoesNotExist() throws {
    let message = try refusal {
      try overwrite($0, "/regions/image", [0, 1, 2, 3, 4, 5, 6] as [Int64], checksum: 0x77AE_292B)
    }
    #expect(message.contains("region 6 belongs to image 6, which does not exist; expected 0 to 5"), "\(message)")
  }

  @Test func anImpossibleBox() throws {
    let nan = Float(bitPattern: 0x7FC0_0000)
    var values = [Float](repeating: nan, count: 20) + [0, 1, 3, 8, nan, nan, nan, nan]
    values[8..<12] = [3, 0, 2, 2]
    let message = try refusal { try overwrite($0, "/regions/box", values, checksum: 0xD8AE_55E5) }
    #expect(message.contains("region 2 ends before it begins"), "\(message)")
  }

  @Test func offsetsThatDoNotFollow() throws {
    let message = try refusal {
      try overwrite($0, "/images/offset", [0, 12, 36, 76, 137, 220] as [Int64], checksum: 0x5EA1_6E60)
    }
    #expect(message.contains("image 4 begins at 137, expected 136"), "\(message)")
  }

  @Test func splitsThatOverlap() throws {
    let message = try refusal { try overwrite($0, "/splits/test", [1, 4] as [Int64], checksum: 0xC699_D43E) }
    #expect(message.contains("/splits: image 1 is in validation and again in test"), "\(message)")
  }

  @Test func valuesThatChanged() throws {
    let label = try refusal { try overwrite($0, "/regions/label", [0, 1, 2, 0, 1, 2, 1] as [Int32], checksum: nil) }
    #expect(label.contains("/regions/label: its values changed since they were written"), "\(label)")
    let pixels = try refusal { try $0.dataset("/images/pixels").write([1] as [UInt8], offset: [7], count: [1]) }
    #expect(pixels.contains("/images/pixels: its values changed since they were written"), "\(pixels)")
  }

  @Test func changedPixelsThatStayOnDiskAreFoundByVerifying() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    try writeExample(to: path)
    do {
      let file = try HDF5File(opening: path, .readWrite)
      try file.dataset("/images/pixels").write([1] as [UInt8], offset: [7], count: [1])
      try file.close()
    }
    let dataset = try Dataset(opening: path, memoryLimit: 16)
    #expect(try failureMessage { try dataset.verify() }.contains("its values changed"))
  }

  @Test func pixelsThatAreMissing() throws {
    let message = try refusal { try $0.dataset("/images/pixels").resize(to: [300]) }
    #expect(
      message.contains("/images/pixels: it holds uint8 of shape [300], expected uint8 of shape [332]"), "\(message)")
  }

  @Test func otherVersionsAndFormats() throws {
    #expect(try refusal { try $0.setAttribute("version", to: 3) }.contains("it has version 3, expected 1 or 2"))
    #expect(try refusal { try $0.setAttribute("format", to: "weights") }.contains("its attribute format is not"))
    #expect(try refusal { try $0.setAttribute("channels", to: 2) }.contains("2 channels, expected 1 or 3"))
  }

  @Test func filesThatAreNotDatasets() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    #expect(try failureMessage { _ = try Dataset(opening: path) }.contains("No such file"))
    try Data("label,pixel\n".utf8).write(to: URL(filePath: path))
    #expect(try failureMessage { _ = try Dataset(opening: path) }.contains("not an HDF5 file"))
    try writeExample(to: path)
    let whole = try Data(contentsOf: URL(filePath: path))
    try whole.prefix(whole.count * 3 / 4).write(to: URL(filePath: path))
    #expect(try failureMessage { _ = try Dataset(opening: path) }.contains("truncated"))
  }
}
