internal import Foundation
internal import Serialization
internal import Support

/// Names of classes of datasets with the network's names for them, as a file of `data name: network name` has them.
///
/// Several names may stand for one class of the network; an empty name leaves a class out.
package struct ClassMap: Sendable, Equatable {
  /// The file, for messages.
  package let path: String
  /// The network's name by the data's name; nil leaves the class out.
  package let names: [String: String?]

  /// A map of names.
  package init(_ names: [String: String?], path: String = "class map") { (self.names, self.path) = (names, path) }

  /// Reads a CSV file of two columns, if the name ends with `.csv`, or else a YAML file of keys and values.
  ///
  /// A first line `data,network` is a header.
  /// - Throws: `FileError` or `YAMLError` where it cannot be read, or a class has two names.
  package init(reading path: String) throws {
    let pairs = path.lowercased().hasSuffix(".csv") ? try Self.csv(path) : try Self.yaml(path)
    var names: [String: String?] = [:]
    for (data, network) in pairs {
      guard names.updateValue(network, forKey: data) == nil else {
        throw FileError(what: "the class \(data) is there twice", path: path, expected: "one network name per class")
      }
    }
    guard !names.isEmpty else {
      throw FileError(what: "no classes in it", path: path, expected: "data name: network name, a line for each")
    }
    self.init(names, path: path)
  }

  private static func csv(_ path: String) throws(FileError) -> [(String, String?)] {
    let rows = try CSVText.rows(of: String(TextFile.read(path).trimmingPrefix("\u{FEFF}")), path: path).map { row in
      row.map { $0.trimmingCharacters(in: .whitespaces) }
    }
    var pairs: [(String, String?)] = []
    for (index, row) in rows.enumerated() where row != [""] {
      guard row.count == 2, !row[0].isEmpty else {
        throw FileError(
          what: "record \(index + 1) has \(row.count) fields", path: path, expected: "data name, network name",
          action: "quote names that hold commas")
      }
      if index == 0, row.map({ $0.lowercased() }) == ["data", "network"] { continue }
      pairs.append((row[0], row[1].isEmpty ? nil : row[1]))
    }
    return pairs
  }

  private static func yaml(_ path: String) throws -> [(String, String?)] {
    let node = try YAMLNode(parsing: String(TextFile.read(path).trimmingPrefix("\u{FEFF}")), source: path)
    func failure(_ node: YAMLNode, _ problem: String) -> YAMLError {
      YAMLError(source: path, origin: node.origin, path: "", problem: problem)
    }
    guard case .mapping(let entries) = node.content else {
      throw failure(node, "expected data name: network name, a line for each")
    }
    return try entries.map { entry in
      guard case .scalar(let name, isPlain: _) = entry.value.content else {
        throw failure(entry.value, "expected a name of a class after \(entry.key)")
      }
      return (entry.key, entry.value.isNull || name.isEmpty ? nil : name)
    }
  }

  /// Throws `TrainingError` for a name that no dataset has.
  ///
  /// - Parameter data: the classes of each dataset.
  package func requireNames(of data: [[String]]) throws(TrainingError) {
    let known = Set(data.joined()).sorted()
    for name in names.keys.sorted() where !known.contains(name) { throw unknown(name, among: known, of: "the data") }
  }

  /// Throws `TrainingError` for a name that the network does not have.
  func requireOutputs(among network: [String]) throws(TrainingError) {
    for output in names.values.compactMap(\.self).sorted() where !network.contains(output) {
      throw unknown(output, among: network, of: "the network")
    }
  }

  private func unknown(_ name: String, among known: [String], of owner: String) -> TrainingError {
    let hint = nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
    return TrainingError("\(path): \(owner) has no class \(name)\(hint); expected one of \(known.listed)")
  }
}
