import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct HDF5FileTests {
  @Test func aMissingFileIsNamed() {
    let error = expectFailure { _ = try HDF5File(opening: "/nonexistent/x.h5") }
    #expect(error?.kind == .missing)
    #expect(error?.description == "/nonexistent/x.h5: cannot open it: No such file or directory")
  }

  @Test func aTextFileIsRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("text.h5")
    try Data("not HDF5".utf8).write(to: URL(filePath: path))
    #expect(expectFailure { _ = try HDF5File(opening: path) }?.kind == .unreadable)
    #expect(expectFailure { _ = try HDF5File(opening: directory.url.path) }?.reason.contains("directory") == true)
  }

  @Test func aTruncatedFileIsRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("cut.h5")
    let whole = try Data(contentsOf: URL(filePath: fixture))
    for size in [whole.count - 1, whole.count / 2, 100, 8] {
      try whole.prefix(size).write(to: URL(filePath: path))
      let error = expectFailure { _ = try HDF5File(opening: path) }
      #expect(error?.kind == .unreadable)
      if size > 100 { #expect(error?.reason.contains("truncated") == true) }
    }
  }

  @Test func noObjectSaysHowFarThePathLed() throws {
    let file = try HDF5File(opening: fixture)
    let error = expectFailure { _ = try file.dataset("group/none/deeper") }
    #expect(error?.kind == .missing && error?.reason == "there is no /group/none")
    #expect(expectFailure { _ = try file.dataset("group") }?.kind == .unexpected)
    #expect(expectFailure { _ = try file.group("float") }?.kind == .unexpected)
    #expect(expectFailure { _ = try file.dataset("names").read(as: Float.self) }?.kind == .unexpected)
    #expect(expectFailure { _ = try file.dataset("float").readStrings() }?.kind == .unexpected)
    #expect(expectFailure { _ = try file.string(ofAttribute: "integer") }?.kind == .unexpected)
    #expect(expectFailure { _ = try file.string(ofAttribute: "nothing") }?.kind == .missing)
  }

  @Test func libraryErrorsCarryHDF5sOwnMessage() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("m.h5")
    let file = try HDF5File(creating: path)
    try file.writeDataset("x", [1])
    let error = expectFailure { try file.writeDataset("x", [2]) }
    #expect(error?.description == "\(path): cannot create the dataset /x: name already exists")
    let large = expectFailure {
      try file.setAttribute("a", to: String(repeating: "x", count: 70_000), fixedLength: true)
    }
    #expect(large?.reason.contains("too large") == true)
  }

  // In a process of its own, for the limit holds for all its files.
  @Test func valuesLostWhenADatasetClosesFailTheClosingOfItsFile() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let path = directory.path("full.h5")
      var limit = rlimit(rlim_cur: 1 << 18, rlim_max: 1 << 18)
      #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      let file = try HDF5File(creating: path)
      do {
        // All of it stays in the chunk cache until the dataset is closed.
        let dataset = try file.createDataset("x", of: UInt8.self, shape: [1 << 20], chunk: [1 << 14])
        try dataset.write([UInt8](repeating: 7, count: 1 << 20))
      }
      do throws(HDF5Error) {
        try file.close()
        Issue.record("close did not throw")
      } catch {
        #expect(error.kind == .system)
        #expect(
          error.description == "\(path): cannot close it: file write failed: File too large (system error)")
      }
    }
  }

  // In a process of its own, for the file stays open.
  @Test func closingWithADatasetOpenIsAnError() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let file = try HDF5File(creating: directory.path("o.h5"))
      let dataset = try file.createDataset("x", of: Float.self, shape: [1])
      do throws(HDF5Error) {
        try file.close()
        Issue.record("close did not throw")
      } catch { #expect(error.attempt == "close it") }
      try dataset.write([1] as [Float])
    }
  }

  @Test func h5pysFileIsRead() throws {
    do {
      let file = try HDF5File(opening: fixture)
      #expect(try file.string(ofAttribute: "variable") == "größe")
      #expect(try file.string(ofAttribute: "fixed") == "fixed")
      #expect(try file.strings(ofAttribute: "fixed_list") == ["a", "longer", ""])
      #expect(try file.strings(ofAttribute: "variable_list") == ["x", "zwei", ""])
      #expect(try file.strings(ofAttribute: "empty_list") == [])
      #expect(try file.strings(ofAttribute: "null") == [])
      #expect(try file.number(ofAttribute: "integer", as: Int32.self) == 7)
      #expect(try file.numbers(ofAttribute: "doubles", as: Float.self) == [0.5, -1.25])
      #expect(try file.dataset("float").read(rows: 1..<2, as: Float.self) == [4, 5, 6, 7])
      #expect(try file.dataset("double").read(as: Float.self) == [1.5, 2.5])
      #expect(try file.dataset("big_endian").read(as: Int32.self) == [1, 2, 3])
      #expect(try file.dataset("big_endian").elementType == .other("int16"))
      #expect(try file.dataset("int64").read(as: Int64.self) == [-1, 1 << 40])
      #expect(try file.dataset("uint8").read(as: Float.self) == [0, 255])
      #expect(try file.dataset("scalar").shape == [])
      #expect(try file.dataset("scalar").read(as: Double.self) == [3])
      #expect(try file.dataset("names").readStrings() == ["eins", "zwei"])
      #expect(try file.dataset("fixed_names").readStrings() == ["one", "three"])
      let packed = try file.dataset("soft")
      #expect(packed.layout == .chunked([16, 10]) && packed.filters == ["shuffle", "deflate"])
      #expect(try packed.read(rows: 30..<31, as: UInt8.self) == (300..<310).map { UInt8($0 % 256 % 251) })
    }
  }
}
