import HDF5
package import Tensors

/// A file of values recorded from a reference implementation; the script that recorded them is beside it.
package struct Fixture {
  /// The path of the HDF5 file.
  package let path: String

  /// The fixture at a path.
  package init(_ path: String) { self.path = path }

  /// The groups whose name begins with `prefix`, sorted; traps if there are none, so that no case is lost silently.
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

  /// The integers of a dataset of the root.
  package func integers(_ name: String) throws -> [Int] {
    let file = try HDF5File(opening: path)
    return try file.dataset(name).read(as: Int64.self).map { Int($0) }
  }
}

/// One group of a fixture.
package struct FixtureCase: CustomStringConvertible, Sendable {
  /// The path of the HDF5 file.
  package let path: String
  /// The name of the group.
  package let name: String
  /// The name of the group.
  package var description: String { name }

  /// A dataset of the group.
  package func tensor(_ dataset: String) throws -> Tensor { try Fixture(path).tensor("\(name)/\(dataset)") }

  /// The integers of a dataset of the group.
  package func labels(_ dataset: String) throws -> [Int] { try Fixture(path).integers("\(name)/\(dataset)") }

  /// The only number of an attribute.
  package func number(_ attribute: String) throws -> Double {
    let file = try HDF5File(opening: path)
    return try file.group(name).number(ofAttribute: attribute, as: Double.self)
  }

  /// The numbers of an attribute.
  package func numbers(_ attribute: String) throws -> [Double] {
    let file = try HDF5File(opening: path)
    return try file.group(name).numbers(ofAttribute: attribute, as: Double.self)
  }

  /// The string of an attribute.
  package func string(_ attribute: String) throws -> String {
    let file = try HDF5File(opening: path)
    return try file.group(name).string(ofAttribute: attribute)
  }

  /// Whether the group has an attribute.
  package func hasAttribute(_ attribute: String) throws -> Bool {
    let file = try HDF5File(opening: path)
    return try file.group(name).hasAttribute(attribute)
  }
}
