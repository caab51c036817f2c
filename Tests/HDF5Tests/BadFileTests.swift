import Foundation
import HDF5
import TestSupport
import Testing

struct BadFileTests {
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

  @Test func hostileObjectsAreRefused() throws {
    let file = try HDF5File(opening: fixture)
    for name in ["outside", "through", "external_values", "virtual", "bomb", "dangling"] {
      #expect(expectFailure { _ = try file.dataset(name) } != nil, "\(name)")
    }
    #expect(expectFailure { _ = try file.dataset("outside") }?.reason.contains("another file") == true)
    #expect(file.child("outside") == nil)
    #expect(try file.children().first { $0.name == "outside" }?.kind == .externalLink)
  }

  @Test func whatIsNoRegularFileIsRefusedAtOnce() throws {
    let directory = try TemporaryDirectory()
    let (pipe, link) = (directory.path("pipe.h5"), directory.path("link.h5"))
    #expect(mkfifo(pipe, 0o600) == 0)
    for path in [pipe, "/dev/zero"] {
      #expect(expectFailure { _ = try HDF5File(opening: path) }?.reason.contains("not a regular file") == true)
    }
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: fixture)
    #expect(try HDF5File(opening: link).dataset("scalar").read(as: Double.self) == [3])
  }

  @Test func unknownFiltersAndTypesAreRefused() throws {
    let file = try HDF5File(opening: hostile)
    func reason(_ name: String, reading: Bool = false) -> String {
      let error = expectFailure {
        let dataset = try file.dataset(name)
        if reading { _ = try dataset.read(as: Double.self) }
      }
      return error?.reason ?? ""
    }
    for (name, filter) in ["scale_offset": 6, "nbit": 5, "lzf": 32000] {
      #expect(reason(name).hasPrefix("its chunks use filter \(filter), expected only deflate"), "\(name)")
    }
    #expect(reason("empty").hasPrefix("it declares shape [0, 1099511627776, 1099511627776]"))
    for name in ["long_double", "odd_float"] {
      #expect(reason(name, reading: true).hasPrefix("its numbers have an unknown format"), "\(name)")
    }
    #expect(reason("compound", reading: true) == "it holds compound, expected numbers")
    #expect(reason(Array(repeating: "d", count: 70).joined(separator: "/") + "/x").hasPrefix("it lies deeper than 64"))
    #expect(try file.dataset("fine").read(as: Float.self) == [0, 1, 2, 3])
  }

  @Test func groupsInACircleAreListedOnlySoOften() throws {
    func listAll(_ container: borrowing some HDF5Container & ~Copyable, depth: Int) throws(HDF5Error) {
      for child in try container.children() where child.kind == .group && depth < 60 {
        try listAll(container.group(child.name), depth: depth + 1)
      }
    }
    let circle = Bundle.module.bundlePath + "/Fixtures/circle.h5"
    let error = expectFailure { try listAll(HDF5File(opening: circle), depth: 0) }
    #expect(error?.reason.contains("contain each other in a cycle") == true)
    // Each object once: 41 groups and the root, 40 of them under two names.
    let found = try HDF5File(opening: circle).examine()
    #expect(found.groups == 42 && found.datasets == 1 && found.values == 1)
  }

  @Test func aWholeFileIsExamined() throws {
    #expect(expectFailure { _ = try HDF5File(opening: hostile).examine() }?.kind == .unreadable)
    let directory = try TemporaryDirectory()
    let path = directory.path("good.h5")
    do {
      let file = try HDF5File(creating: path)
      // 5,000,000 numbers are more than one block; the second is cut into chunks that do not divide it.
      try file.writeDataset("a/long", [UInt8](repeating: 1, count: 5_000_000))
      try file.writeDataset("a/b/cut", [Float](repeating: 1, count: 35), shape: [5, 7], chunk: [3, 4], gzip: 1)
      try file.writeDataset("names", ["x", "y"])
      try file.writeDataset("nothing", [Float](), shape: [0, 3])
      try file.setAttribute("text", to: ["p", "q"])
      try file.group("a").setAttribute("number", to: 1)
      try file.close()
    }
    let found = try HDF5File(opening: path).examine()
    #expect(found.groups == 3 && found.datasets == 4 && found.attributes == 2)
    #expect(found.values == 5_000_000 + 35 + 2 + 2 + 1)
    // Bytes of a compressed chunk that are not what they were.
    var bytes = try Data(contentsOf: URL(filePath: path))
    let cut = try #require(bytes.lastRange(of: Data([0x78, 0x01])))
    bytes[cut.upperBound + 2] ^= 0xFF
    bytes[cut.upperBound + 3] ^= 0xFF
    try bytes.write(to: URL(filePath: path))
    #expect(expectFailure { _ = try HDF5File(opening: path).examine() }?.object == "/a/b/cut")
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
          error.description == "\(path): cannot close it: file write failed: File too large (said by the system)")
      }
    }
  }
}

struct ThreadTests {
  @Test func manyThreadsReadOneFile() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("t.h5")
    do {
      let file = try HDF5File(creating: path)
      try file.writeDataset("x", Array(0..<10_000), chunk: [100], gzip: 1)
      try file.close()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          let file = try HDF5File(opening: path)
          let dataset = try file.dataset("x")
          for row in stride(from: task, to: 9_000, by: 97) {
            #expect(try dataset.read(rows: row..<row + 3, as: Int.self) == [row, row + 1, row + 2])
            // An error of one thread is never another's.
            let error = expectFailure { _ = try file.dataset("none\(task)") }
            #expect(error?.reason == "there is no /none\(task)")
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

struct PeerFileTests {
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

private let hostile = Bundle.module.bundlePath + "/Fixtures/hostile.h5"
private let fixture = Bundle.module.bundlePath + "/Fixtures/h5py.h5"
