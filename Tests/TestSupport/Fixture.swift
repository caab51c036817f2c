import HDF5
package import Tensors

/// A file of golden values made by a peer; the script that made it lies beside it.
package struct Fixture {
  package let path: String

  package init(_ path: String) { self.path = path }

  /// The names of its groups that begin with `prefix`, sorted; traps on none, so that no case goes missing in silence.
  package func cases(_ prefix: String) throws -> [FixtureCase] {
    let file = try HDF5File(opening: path)
    let names = try file.children().filter { $0.kind == .group && $0.name.hasPrefix(prefix) }.map(\.name).sorted()
    precondition(!names.isEmpty, "\(path): no case \(prefix)")
    return names.map { FixtureCase(path: path, name: $0) }
  }

  /// A dataset of the root.
  package func tensor(_ name: String) throws -> Tensor {
    let file = try HDF5File(opening: path)
    let dataset = try file.dataset(name)
    return Tensor(try dataset.read(as: Float.self), shape: dataset.shape)
  }

  package func integers(_ name: String) throws -> [Int] {
    let file = try HDF5File(opening: path)
    return try file.dataset(name).read(as: Int64.self).map { Int($0) }
  }
}

/// One group of a fixture.
package struct FixtureCase: CustomStringConvertible, Sendable {
  package let path: String
  package let name: String
  package var description: String { name }

  package func tensor(_ dataset: String) throws -> Tensor { try Fixture(path).tensor("\(name)/\(dataset)") }

  package func labels(_ dataset: String) throws -> [Int] { try Fixture(path).integers("\(name)/\(dataset)") }

  package func number(_ attribute: String) throws -> Double {
    let file = try HDF5File(opening: path)
    return try file.group(name).number(ofAttribute: attribute, as: Double.self)
  }

  package func numbers(_ attribute: String) throws -> [Double] {
    let file = try HDF5File(opening: path)
    return try file.group(name).numbers(ofAttribute: attribute, as: Double.self)
  }

  package func string(_ attribute: String) throws -> String {
    let file = try HDF5File(opening: path)
    return try file.group(name).string(ofAttribute: attribute)
  }

  package func hasAttribute(_ attribute: String) throws -> Bool {
    let file = try HDF5File(opening: path)
    return try file.group(name).hasAttribute(attribute)
  }
}
