import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct GuardTests {
  @Test func hostileObjectsAreRefused() throws {
    let file = try HDF5File(opening: fixture)
    for name in ["outside", "through", "external_values", "virtual", "bomb", "dangling"] {
      #expect(expectFailure { _ = try file.dataset(name) } != nil, "\(name)")
    }
    #expect(expectFailure { _ = try file.dataset("outside") }?.reason.contains("another file") == true)
    #expect(file.child("outside") == nil)
    #expect(try file.children().first { $0.name == "outside" }?.kind == .externalLink)
  }

  @Test func anythingButARegularFileIsRefusedAtOnce() throws {
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

  @Test func listingsOfCyclicGroupsAreLimited() throws {
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
}
