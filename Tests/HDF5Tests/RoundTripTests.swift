import HDF5
import TestSupport
import Testing

struct RoundTripTests {
  @Test func attributesOfEveryKindComeBack() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    do {
      let file = try HDF5File(creating: path)
      try file.setAttribute("text", to: "größe")
      try file.setAttribute("fixed", to: "größe", fixedLength: true)
      try file.setAttribute("empty", to: "", fixedLength: true)
      try file.setAttribute("list", to: ["a", "", "long one"])
      try file.setAttribute("fixed list", to: ["a", "", "long one"], fixedLength: true)
      try file.setAttribute("none", to: [String]())
      try file.setAttribute("integer", to: 42)
      try file.setAttribute("integer", to: 43)
      try file.setAttribute("float", to: Float(0.1))
      try file.setAttribute("numbers", to: [1.5, -2])
      try file.createGroup("g").setAttribute("inner", to: UInt8(9))
      try file.close()
    }
    do {
      let file = try HDF5File(opening: path)
      #expect(try file.string(ofAttribute: "text") == "größe")
      #expect(try file.string(ofAttribute: "fixed") == "größe")
      #expect(try file.string(ofAttribute: "empty") == "")
      #expect(try file.strings(ofAttribute: "list") == ["a", "", "long one"])
      #expect(try file.strings(ofAttribute: "fixed list") == ["a", "", "long one"])
      #expect(try file.strings(ofAttribute: "none") == [])
      #expect(try file.number(ofAttribute: "integer", as: Int.self) == 43)
      #expect(try file.number(ofAttribute: "float", as: Float.self) == 0.1)
      #expect(try file.numbers(ofAttribute: "numbers", as: Double.self) == [1.5, -2])
      #expect(try file.numbers(ofAttribute: "numbers", as: Int32.self) == [1, -2])
      #expect(try file.group("g").number(ofAttribute: "inner", as: Int.self) == 9)
      #expect(file.hasAttribute("text") && !file.hasAttribute("texts"))
      #expect(try file.attributeNames().count == 9)
    }
  }

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

  @Test func childrenAreListedWithTheirKind() throws {
    let directory = try TemporaryDirectory()
    let file = try HDF5File(creating: directory.path("c.h5"))
    try file.createGroup("b/inner")
    try file.writeDataset("a", [1])
    try file.writeDataset("names", ["one", "zwei"])
    #expect(
      try file.children().map { "\($0.name) \($0.kind)" } == ["a dataset", "b group", "names dataset"])
    #expect(file.exists("b/inner") && file.exists("/a") && !file.exists("b/none") && file.exists("/"))
    #expect(file.child("b") == .group && file.child("c") == nil)
    #expect(try file.dataset("names").readStrings() == ["one", "zwei"])
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
}
