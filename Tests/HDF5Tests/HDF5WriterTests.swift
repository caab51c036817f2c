import Foundation
import HDF5
import Support
import TestSupport
import Testing

struct HDF5WriterTests {
  @Test func structureAndValuesComeBack() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    let tensors = (0..<50).map { index in (0..<index * 7).map { Float($0) + 0.5 } }
    try HDF5Writer.write(
      to: path, values: tensors.indices.map { values("layers/l\($0)/l\($0)/kernel:0", tensors[$0]) }
    ) { file throws(HDF5Error) in
      try file.setAttribute("names", to: tensors.indices.map { "l\($0)" })
      try file.createGroup("layers/l3").setAttribute("note", to: String(repeating: "x", count: 60_000))
    }
    do {
      let file = try HDF5File(opening: path)
      #expect(try file.strings(ofAttribute: "names").count == 50)
      #expect(try file.group("layers/l3").string(ofAttribute: "note").count == 60_000)
      for (index, tensor) in tensors.enumerated() {
        let dataset = try file.dataset("layers/l\(index)/l\(index)/kernel:0")
        #expect(dataset.layout == .contiguous)
        #expect(try dataset.read(as: Float.self) == tensor)
      }
    }
    #expect(try directory.names() == ["a.h5"])
    // Reserved space that was not needed is released.
    let size = try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    #expect(size < 50 * 49 / 2 * 7 * 4 + 50 * 3000 + 70_000)
  }

  @Test func valuesMayComeInParts() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    func parts(_ parts: [[Float]]) -> HDF5Writer.Values {
      HDF5Writer.Values(path: "x", shape: [2, 3]) { body throws(FileError) in
        for part in parts {
          try body(part.span)
        }
      }
    }
    try HDF5Writer.write(to: path, values: [parts([[1, 2], [3, 4, 5], [6]])]) { _ throws(HDF5Error) in }
    #expect(try HDF5File(opening: path).dataset("x").read(as: Float.self) == [1, 2, 3, 4, 5, 6])
    for wrong in [[[1, 2], [3, 4, 5]], [[1, 2, 3, 4], [5, 6, 7]]] as [[[Float]]] {
      let error = expectFileError {
        try HDF5Writer.write(to: path, values: [parts(wrong)]) { _ throws(HDF5Error) in }
      }
      #expect(error?.message.contains("bytes for x of shape [2, 3]") == true)
    }
    #expect(try directory.names() == ["a.h5"])
  }

  /// What lies under the name is not read: of a file without end, libhdf5 would try to.
  @Test func thePreviousFileIsNotRead() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    try Data().write(to: URL(filePath: path))
    try FileHandle(forWritingTo: URL(filePath: path)).truncate(atOffset: 1 << 40)
    try HDF5Writer.write(to: path, values: [values("x", [1, 2])]) { _ throws(HDF5Error) in }
    #expect(try HDF5File(opening: path).dataset("x").read(as: Float.self) == [1, 2])
  }

  /// Checksums are made of parts; a changed byte is found in the first as in the last of them.
  @Test(arguments: [1 << 20, 71 << 20]) func aLargeFileIsSealed(changed: Int) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    let numbers = (0..<18 << 20).map { Float($0) }
    try HDF5Writer.write(to: path, values: [values("x", numbers), values("y", [1])]) { _ throws(HDF5Error) in }
    #expect(try Seal(of: path) == .intact)
    let file = try FileHandle(forUpdating: URL(filePath: path))
    try file.seek(toOffset: UInt64(changed))
    let byte = try #require(file.read(upToCount: 1)?.first)
    try file.seek(toOffset: UInt64(changed))
    try file.write(contentsOf: [byte ^ 1])
    guard case .broken = try Seal(of: path) else {
      Issue.record("a changed byte was not found")
      return
    }
  }

  @Test func aFileLargerThanTheDiskLeavesThePreviousOne() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    try Data("previous".utf8).write(to: URL(filePath: path))
    let error = expectFileError {
      try HDF5Writer.write(
        to: path,
        values: [
          HDF5Writer.Values(path: "x", shape: [1 << 44]) { _ throws(FileError) in Issue.record("values asked for") }
        ]
      ) { _ throws(HDF5Error) in }
    }
    #expect(error?.kind == .system && error?.message.contains("bytes and the disk has") == true)
    #expect(try Data(contentsOf: URL(filePath: path)) == Data("previous".utf8))
    #expect(try directory.names() == ["a.h5"])
  }

  // In a process of its own, for the limit holds for all its files.
  @Test func aFileSizeLimitIsAnErrorNotTheEnd() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let path = directory.path("a.h5")
      try HDF5Writer.write(to: path, values: [values("x", [1, 2, 3])]) { _ throws(HDF5Error) in }
      let previous = try Data(contentsOf: URL(filePath: path))
      var limit = rlimit(rlim_cur: 1 << 18, rlim_max: 1 << 18)
      #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      let error = expectFileError {
        try HDF5Writer.write(
          to: path, values: [values("x", [Float](repeating: 1, count: 1 << 17))]
        ) { _ throws(HDF5Error) in }
      }
      #expect(error?.kind == .system && error?.message.contains("File too large") == true)
      #expect(try Data(contentsOf: URL(filePath: path)) == previous)
      #expect(try directory.names() == ["a.h5"])
      #expect(Library.openObjectCount == 0)
    }
  }

  @Test func aFailureWhileValuesAreWrittenLeavesThePreviousFile() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    try Data("previous".utf8).write(to: URL(filePath: path))
    let wrong = HDF5Writer.Values(path: "y", shape: [3]) { body throws(FileError) in
      try body([Float]().span)
    }
    #expect(
      expectFileError {
        try HDF5Writer.write(to: path, values: [values("x", [1]), wrong]) { _ throws(HDF5Error) in }
      }?.kind == .badData)
    #expect(
      expectFileError {
        try HDF5Writer.write(to: path, values: [values("x", [1]), values("x", [1])]) { _ throws(HDF5Error) in }
      }?.message.hasSuffix("name already exists") == true)
    #expect(try Data(contentsOf: URL(filePath: path)) == Data("previous".utf8))
    #expect(try directory.names() == ["a.h5"])
  }

  @Test func aMissingDirectoryIsNamed() {
    let error = expectFileError {
      try HDF5Writer.write(to: "/nonexistent/a.h5", values: []) { _ throws(HDF5Error) in }
    }
    #expect(error?.description == "/nonexistent/a.h5: cannot write it: No such file or directory")
  }
}

private func values(_ path: String, _ values: [Float]) -> HDF5Writer.Values {
  HDF5Writer.Values(path: path, shape: [values.count]) { body throws(FileError) in
    try body(values.span)
  }
}
