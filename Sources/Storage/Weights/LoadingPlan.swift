package import Tensors

/// What becomes of every tensor of a network and of a file when the one is loaded from the other; matched by layer name.
package struct LoadingPlan: Sendable, CustomStringConvertible {
  package enum Outcome: String, Sendable {
    case loaded
    /// In the file, but its layer was to be left.
    case left = "left as initialised, as asked"
    /// Not in the file, and its layer was to be left.
    case new = "newly initialised"
    /// In the file, not in the network.
    case unused = "unused"
    case mismatched = "SHAPES DIFFER"
    case missing = "NOT IN THE FILE"
  }

  package struct Row: Sendable, Equatable {
    /// The network's parameter, or the file's tensor where the network has none.
    package let name: String
    package let fileShape: [Int]?
    package let networkShape: [Int]?
    package let outcome: Outcome
  }

  /// The network's parameters in their order, then the file's unused tensors.
  package let rows: [Row]
  private let file: WeightsFile
  private let sources: [(name: String, stored: WeightsFile.StoredTensor)]

  /// Compares a network with a file.
  ///
  /// - Parameters:
  ///   - network: names and shapes of all parameters.
  ///   - leaving: layers that keep their initial values: patterns with `*` for a layer's name (`fc*`) or a parameter's
  ///     path (`head.*`).
  /// - Throws: `StorageError` with the whole table where shapes differ or a layer is missing from the file and not left,
  ///   and where a pattern fits nothing.
  package init(
    network: [(name: String, shape: [Int])], from file: WeightsFile, leaving: [String] = []
  ) throws(StorageError) {
    let parameters = network.map { (name: $0.name, shape: $0.shape, parts: ParameterName($0.name)) }
    for text in leaving {
      let pattern = NamePattern(text)
      guard parameters.contains(where: { pattern.matches($0.name) || pattern.matches($0.parts?.layer ?? "") }) else {
        var layers: [String] = []
        for case let layer? in parameters.map(\.parts?.layer) where layers.last != layer { layers.append(layer) }
        throw StorageError(
          what: "no layer of the network is named \(text), which was to be left", path: file.path,
          expected: "one of \(layers.joined(separator: ", "))")
      }
    }
    let patterns = leaving.map { NamePattern($0) }
    var stored = Dictionary(file.tensors.map { ($0.name, $0) }) { first, _ in first }
    var rows: [Row] = []
    var sources: [(name: String, stored: WeightsFile.StoredTensor)] = []
    for (name, shape, parts) in parameters {
      let isLeft = patterns.contains { $0.matches(name) || $0.matches(parts?.layer ?? "") }
      let found = parts.flatMap { stored.removeValue(forKey: "\($0.layer).\($0.kind)") }
      let outcome: Outcome
      if let found {
        outcome = isLeft ? .left : found.shape == shape ? .loaded : .mismatched
        if outcome == .loaded { sources.append((name, found)) }
      } else {
        outcome = isLeft ? .new : .missing
      }
      rows.append(Row(name: name, fileShape: found?.shape, networkShape: shape, outcome: outcome))
    }
    for tensor in file.tensors where stored[tensor.name] != nil {
      rows.append(Row(name: tensor.name, fileShape: tensor.shape, networkShape: nil, outcome: .unused))
    }
    self.rows = rows
    self.file = file
    self.sources = sources
    try refuseMisfits()
  }

  /// Reads the tensors to be loaded, under the network's names.
  ///
  /// - Throws: `StorageError` where values cannot be read or are not finite.
  package func load() throws(StorageError) -> Parameters {
    var parameters = Parameters()
    for (name, stored) in sources { parameters[name] = try file.values(of: stored) }
    return parameters
  }

  /// The table: name, shape in the file, shape in the network, what happens.
  package var description: String {
    let cells =
      [["tensor", "in the file", "in the network", "what happens"]]
      + rows.map { [$0.name, Self.text($0.fileShape), Self.text($0.networkShape), $0.outcome.rawValue] }
    let widths = (0..<3).map { column in cells.map { $0[column].count }.max() ?? 0 }
    return cells.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count + 2) }.joined() + row[3]
    }.joined(separator: "\n")
  }

  private static func text(_ shape: [Int]?) -> String { shape.map { "\($0)" } ?? "-" }

  private func refuseMisfits() throws(StorageError) {
    let mismatched = rows.filter { $0.outcome == .mismatched }
    let missing = rows.filter { $0.outcome == .missing }
    if mismatched.isEmpty && missing.isEmpty { return }
    let differences = mismatched.map {
      "\($0.name) has shape \(Self.text($0.fileShape)) in the file and \(Self.text($0.networkShape)) in the network"
    }
    let absences = missing.map { "\($0.name) \(Self.text($0.networkShape)) is not in the file" }
    throw StorageError(
      what: "it does not fit the network: " + (differences + absences).joined(separator: "; "), path: file.path,
      action: "name the layers to leave as initialised, or take another file\n\(self)")
  }
}
