import HDF5
import TestSupport
import Testing

@Suite struct HDF5ContainerTests {
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
}
