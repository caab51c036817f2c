import HDF5
import TestSupport
import Testing

@Suite struct HDF5DatasetTests {
  @Test func datasetsOfEveryTypeComeBack() throws {
    func check<Element: HDF5Element & Equatable>(_ values: [Element], _ type: ElementType) throws {
      let directory = try TemporaryDirectory()
      let path = directory.path("d.h5")
      do {
        let file = try HDF5File(creating: path)
        try file.writeDataset("plain", values)
        try file.writeDataset("in/group", values, shape: [2, 2], chunk: [1, 2], gzip: 6)
        try file.close()
      }
      let file = try HDF5File(opening: path)
      let packed = try file.dataset("/in/group")
      #expect(try file.dataset("plain").read(as: Element.self) == values)
      #expect(packed.elementType == type)
      #expect(
        packed.shape == [2, 2] && packed.layout == .chunked([1, 2]) && packed.filters == ["shuffle", "deflate"])
      #expect(try packed.read(as: Element.self) == values)
    }
    try check([0, 1, 2, 255] as [UInt8], .uint8)
    try check([.min, -1, 0, .max] as [Int32], .int32)
    try check([0, 1, 2, .max] as [UInt32], .uint32)
    try check([.min, -1, 0, .max] as [Int64], .int64)
    try check([.min, -1, 0, .max] as [Int], .int64)
    try check([0, -0.5, .infinity, .leastNonzeroMagnitude] as [Float], .float)
    try check([0, -0.5, .infinity, .leastNonzeroMagnitude] as [Double], .double)
  }

  @Test func slicesAndBlocksAreRead() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("s.h5")
    let file = try HDF5File(creating: path)
    try file.writeDataset("x", (0..<24).map { Int32($0) }, shape: [4, 3, 2], chunk: [3, 2, 2])
    let dataset = try file.dataset("x")
    #expect(try dataset.read(rows: 1..<3, as: Float.self) == (6..<18).map { Float($0) })
    #expect(try dataset.read(rows: 2..<2, as: Int32.self) == [])
    #expect(try dataset.read(as: Int32.self, offset: [1, 1, 1], count: [2, 2, 1]) == [9, 11, 15, 17])
    var memory = [Double](repeating: -1, count: 6)
    try memory.withUnsafeMutableBufferPointer {
      var span = $0.mutableSpan
      try dataset.read(rows: 3..<4, into: &span)
    }
    #expect(memory == [18, 19, 20, 21, 22, 23])
    try dataset.write([100, 101] as [Int32], offset: [0, 2, 0], count: [1, 1, 2])
    #expect(try dataset.read(rows: 0..<1, as: Int32.self) == [0, 1, 2, 3, 100, 101])
    let beyond = expectFailure { _ = try dataset.read(rows: 3..<5, as: Int32.self) }
    #expect(beyond?.kind == .unexpected && beyond?.object == "/x" && beyond?.file == path)
  }

  @Test func anExtensibleDatasetGrowsByRows() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("e.h5")
    do {
      let file = try HDF5File(creating: path)
      let dataset = try file.createDataset(
        "rows", of: UInt8.self, shape: [0, 3], chunk: [2, 3], extensible: true, gzip: 1)
      try dataset.append([1, 2, 3] as [UInt8])
      try dataset.append([4, 5, 6, 7, 8, 9] as [UInt8])
      #expect(expectFailure { try dataset.append([1] as [UInt8]) }?.kind == .unexpected)
    }
    do {
      let file = try HDF5File(opening: path, .readWrite)
      do {
        let dataset = try file.dataset("rows")
        try dataset.append([10, 11, 12] as [UInt8])
      }
      try file.close()
    }
    let file = try HDF5File(opening: path)
    let dataset = try file.dataset("rows")
    #expect(dataset.shape == [4, 3])
    #expect(try dataset.read(as: UInt8.self) == Array(1...12))
  }
}
