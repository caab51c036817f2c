internal import Networks
internal import Support

/// The table that people read, and the sentences around it.
extension LoadingPlan {
  /// How layers were matched; the table of name, shape in the file (with its name there where it is another), shape in the
  /// network, what happens; then what is not in the file and what is left over in it.
  package var description: String {
    let cells = rows.map { row in
      let fileName = row.fileName.map { " \($0)" } ?? ""
      return [row.name, Self.text(row.fileShape) + fileName, Self.text(row.networkShape), row.outcome.rawValue]
    }
    let table = TextTable(header: ["tensor", "in the file", "in the network", "outcome"], rows: cells, leading: 4)
    return ([matchingText].compactMap(\.self) + [String(table.text.dropLast())] + notes).joined(separator: "\n")
  }

  private var matchingText: String? {
    switch matching {
    case .names: nil
    case .naming(let naming): "matched by the names that \(naming.library) gives to these layers"
    case .order: "matched by the order of layers, as no layer name of the file is in the network"
    case .shapes:
      "matched by shapes, each of which one layer alone has, as no layer name of the file is in the network"
    }
  }

  /// One sentence each for what is filled in and for what of the file is not used.
  private var notes: [String] {
    func layers(_ outcome: Outcome) -> [String] {
      rows.filter { $0.outcome == outcome }.map { $0.name.split(separator: ".").dropLast().joined(separator: ".") }
    }
    var notes: [String] = []
    for (outcome, what) in [(Outcome.one, "scale (gamma)"), (.zero, "offset (beta)")] {
      let names = layers(outcome)
      if !names.isEmpty {
        notes.append("the file has no \(what) for \(names.joined(separator: ", ")): \(outcome.rawValue)")
      }
    }
    let unused = Set(rows.filter { $0.outcome == .unused }.map(\.name))
    if !dropped.isEmpty {
      notes.append(
        "not used of layers that are loaded: \(dropped.prefix(4).joined(separator: ", "))"
          + (dropped.count > 4 ? " and \(dropped.count - 4) more" : "") + "; this network computes without them")
    }
    let normalizations = file.outlines.filter { layer in
      layer.tensors.contains { $0.kind == TensorRole.mean.rawValue }
        && layer.tensors.allSatisfy { unused.contains("\(layer.name).\($0.kind)") }
    }.map(\.name)
    if !normalizations.isEmpty {
      notes.append(
        "not in the network: \(normalizations.count) normalization\(normalizations.count == 1 ? "" : "s") of the file "
          + "(\(normalizations.prefix(3).joined(separator: ", "))\(normalizations.count > 3 ? ", …" : ""))")
    }
    if let remarkOnZeros { notes.append(remarkOnZeros) }
    if !unused.isEmpty { notes.append("unused: \(unused.count) of \(file.tensors.count) tensors of the file") }
    return notes + file.leftovers.map(\.description) + differences
  }

  static func text(_ shape: [Int]?) -> String { shape.map { "\($0)" } ?? "-" }
}

/// Tensors of a file that belong to no layer.
package struct Leftovers: Sendable, Equatable, CustomStringConvertible {
  /// What they are, such as `counters of batches`.
  package let what: String
  /// Their names in the file.
  package let names: [String]

  /// `nil` where there are none.
  init?(_ what: String, _ names: [String]) {
    guard !names.isEmpty else { return nil }
    (self.what, self.names) = (what, names)
  }

  /// Their number and the first names.
  package var description: String {
    "not used: \(names.count) \(what) (\(names.prefix(3).joined(separator: ", "))\(names.count > 3 ? ", …" : ""))"
  }
}
