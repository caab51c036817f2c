import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct ExaminationTests {
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
    // Change two bytes of a compressed chunk.
    var bytes = try Data(contentsOf: URL(filePath: path))
    let cut = try #require(bytes.lastRange(of: Data([0x78, 0x01])))
    bytes[cut.upperBound + 2] ^= 0xFF
    bytes[cut.upperBound + 3] ^= 0xFF
    try bytes.write(to: URL(filePath: path))
    #expect(expectFailure { _ = try HDF5File(opening: path).examine() }?.object == "/a/b/cut")
  }
}
