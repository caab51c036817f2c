package import Support
package import Tensors

/// What happens to every tensor when a network is loaded from a file.
///
/// Layers are matched by name, or by order if no name is the same.
package struct LoadingPlan: Sendable, CustomStringConvertible {
  /// What happens to a tensor.
  package enum Outcome: String, Sendable {
    /// Loaded from the file.
    case loaded
    /// In the file, but its layer is reinitialized on request.
    case reinitialized
    /// Not in the file, and its layer is reinitialized.
    case new = "newly initialized"
    /// In the file, not in the network.
    case unused = "unused"
    /// In both, with different shapes.
    case mismatched = "SHAPES DIFFER"
    /// In the network, not in the file, and not reinitialized.
    case missing = "NOT IN THE FILE"
  }

  /// One tensor of the network or of the file.
  package struct Row: Sendable, Equatable {
    /// The network's parameter, or the file's tensor where the network has none.
    package let name: String
    /// The file's tensor where its layer has another name.
    package let fileName: String?
    /// The shape in the file, in the network's layout; nil if the file does not have the tensor.
    package let fileShape: [Int]?
    /// The shape in the network; nil if the network does not have the tensor.
    package let networkShape: [Int]?
    /// What happens to the tensor.
    package let outcome: Outcome
  }

  /// The network's parameters in their order, then the file's unused tensors.
  package let rows: [Row]
  /// Whether layers were matched by their order, since none of the file's names is in the network.
  package let isByOrder: Bool
  private let file: WeightsFile
  private let sources: [Source]

  private struct Source {
    let name: String
    let stored: WeightsFile.StoredTensor
    let map: FlattenedMap?
  }

  /// Compares a network with a file.
  ///
  /// - Parameters:
  ///   - network: names and shapes of all parameters.
  ///   - flattened: by layer, the map that it flattens; `[:]` means that no layer follows a flattening. Required for a
  ///     file with rows in (c, y, x) order.
  ///   - reinitializing: layers that are not loaded but initialized: patterns with `*` for a layer's name (`fc*`) or a
  ///     parameter's path (`head.*`); layers of the file that they match are ignored in matching by order.
  ///   - renaming: the file's names of layers by the network's.
  /// - Throws: `FileError` with the whole table if shapes differ or a layer is missing and not reinitialized; also if
  ///   maps are required and not given, or a pattern or name matches nothing.
  package init(
    network: [(name: String, shape: [Int])], flattened: [String: FlattenedMap]? = nil, from file: WeightsFile,
    reinitializing: [String] = [], renaming: [String: String] = [:]
  ) throws(FileError) {
    let parameters = network.map { (name: $0.name, shape: $0.shape, parts: ParameterName($0.name)) }
    let layers = Self.outlines(of: parameters)
    try Self.requireMatches(reinitializing, parameters, file)
    try Self.requireNames(renaming, layers, file)
    let patterns = reinitializing.map { NamePattern($0) }
    func isReinitialized(_ name: String) -> Bool { patterns.contains { $0.matches(name) } }
    let matching = LayerMatching(layers, file, isReinitialized: isReinitialized, renaming: renaming)
    var stored: [String: WeightsFile.StoredTensor] = [:]
    for tensor in file.tensors where stored[tensor.name] == nil { stored[tensor.name] = tensor }
    var rows: [Row] = []
    var sources: [Source] = []
    for (name, shape, parts) in parameters {
      let owner = parts.map { String(name.dropLast($0.kind.count + 1)) } ?? name
      let isReinitialized = isReinitialized(name) || isReinitialized(parts?.layer ?? "") || isReinitialized(owner)
      let source = matching.names[owner]
      let found = parts.flatMap { parts in source.flatMap { stored.removeValue(forKey: "\($0).\(parts.kind)") } }
      let outcome: Outcome
      if let found {
        outcome = isReinitialized ? .reinitialized : found.shape == shape ? .loaded : .mismatched
      } else {
        outcome = isReinitialized ? .new : .missing
      }
      if let found, outcome == .loaded {
        let isWeight = parts?.kind == TensorRole.weight.rawValue
        let layer = isWeight ? parts?.layer ?? "" : ""
        let map = try flattened?.map(ofLayer: layer, rows: shape.first ?? 0, path: file.path)
        sources.append(Source(name: name, stored: found, map: map))
      }
      let hasOtherName = source != nil && source != parts?.layer
      rows.append(
        Row(
          name: name, fileName: hasOtherName ? found?.name : nil, fileShape: found?.shape, networkShape: shape,
          outcome: outcome))
    }
    for tensor in file.tensors where stored[tensor.name] != nil {
      rows.append(
        Row(name: tensor.name, fileName: nil, fileShape: tensor.shape, networkShape: nil, outcome: .unused))
    }
    (self.rows, self.file, self.sources, isByOrder) = (rows, file, sources, matching.isByOrder)
    try refuseMisfits(matching.problem)
    if file.flattenOrder == .chw && flattened == nil { try refuseUnknownMaps(layers) }
  }

  /// Reads the tensors to be loaded, under the network's names.
  ///
  /// - Throws: `FileError` where values cannot be read or are not finite.
  package func load() throws(FileError) -> Parameters {
    var parameters = Parameters()
    for source in sources { parameters[source.name] = try file.values(of: source.stored, flattened: source.map) }
    return parameters
  }

  /// The table: name, shape in the file (with its name there where it is another), shape in the network, what happens.
  package var description: String {
    let cells = rows.map { row in
      let fileName = row.fileName.map { " \($0)" } ?? ""
      return [row.name, Self.text(row.fileShape) + fileName, Self.text(row.networkShape), row.outcome.rawValue]
    }
    let table = TextTable(header: ["tensor", "in the file", "in the network", "outcome"], rows: cells, leading: 4)
    return (isByOrder ? "matched by the order of layers, as no layer name of the file is in the network\n" : "")
      + table.text.dropLast()
  }

  private static func text(_ shape: [Int]?) -> String { shape.map { "\($0)" } ?? "-" }

  private typealias NetworkParameter = (name: String, shape: [Int], parts: ParameterName?)

  /// The network's layers by their paths.
  private static func outlines(of parameters: [NetworkParameter]) -> [LayerOutline] {
    var layers: [LayerOutline] = []
    for (name, shape, parts) in parameters {
      guard let parts else { continue }
      let owner = String(name.dropLast(parts.kind.count + 1))
      if layers.last?.name != owner { layers.append(LayerOutline(name: owner, tensors: [])) }
      layers[layers.count - 1].tensors.append((parts.kind, shape))
    }
    return layers
  }

  private static func requireMatches(
    _ reinitializing: [String], _ parameters: [NetworkParameter], _ file: WeightsFile
  ) throws(FileError) {
    for text in reinitializing {
      let pattern = NamePattern(text)
      let fits = parameters.contains { pattern.matches($0.name) || pattern.matches($0.parts?.layer ?? "") }
      if fits { continue }
      var layers: [String] = []
      for case let layer? in parameters.map(\.parts?.layer) where layers.last != layer { layers.append(layer) }
      throw FileError(
        what: "no layer of the network is named \(text), which is to be reinitialized", path: file.path,
        expected: "one of \(layers.joined(separator: ", "))")
    }
  }

  private static func requireNames(
    _ renaming: [String: String], _ layers: [LayerOutline], _ file: WeightsFile
  ) throws(FileError) {
    let known = Set(layers.flatMap { [$0.name, LayerMatching.lastPart(of: $0.name)] })
    for (ours, theirs) in renaming.sorted(by: { $0.key < $1.key }) {
      guard known.contains(ours) else {
        throw FileError(
          what: "no layer of the network is named \(ours), which is to be loaded from \(theirs)", path: file.path,
          expected: "one of \(layers.map { LayerMatching.lastPart(of: $0.name) }.joined(separator: ", "))")
      }
      guard file.layers.contains(theirs) else {
        throw FileError(
          what: "it has no layer \(theirs), from which \(ours) is to be loaded", path: file.path,
          expected: "one of \(file.layers.joined(separator: ", "))")
      }
    }
  }
}

/// Errors of plans that cannot be loaded.
extension LoadingPlan {
  private func refuseMisfits(_ orderProblem: String?) throws(FileError) {
    let mismatched = rows.filter { $0.outcome == .mismatched }
    let missing = rows.filter { $0.outcome == .missing }
    if mismatched.isEmpty && missing.isEmpty { return }
    let differences = mismatched.map {
      "\($0.name) has shape \(Self.text($0.fileShape)) in the file and \(Self.text($0.networkShape)) in the network"
        + Self.transposition($0.fileShape ?? [], $0.networkShape ?? [])
    }
    let absences =
      orderProblem.map { ["no layer has a name of the network, and by order \($0)"] }
      ?? missing.map { "\($0.name) \(Self.text($0.networkShape)) is not in the file" }
    throw FileError(
      what: "it does not fit the network: " + Self.few(differences + absences), path: file.path,
      action: "name the layers to reinitialize, or take another file\n\(file.layout)\n\(self)")
  }

  /// The first of many; the table has them all.
  private static func few(_ problems: [String]) -> String {
    let more = problems.count > 4 ? "; and \(problems.count - 3) more" : ""
    return problems.prefix(more.isEmpty ? 4 : 3).joined(separator: "; ") + more
  }

  /// A note that a tensor is transposed, where its shape shows it.
  private static func transposition(_ found: [Int], _ expected: [Int]) -> String {
    if expected.count == 2 && found == expected.reversed() {
      return " (transposed: it is stored as [out, in], which is not the layout of this file)"
    }
    if expected.count == 4 && found == [expected[3], expected[2], expected[0], expected[1]] {
      return " (transposed: the kernel is stored as [out, in, height, width], which is not the layout of this file)"
    }
    return ""
  }

  /// Rejects rows in (c, y, x) order if their map is unknown.
  private func refuseUnknownMaps(_ layers: [LayerOutline]) throws(FileError) {
    let loaded = Set(sources.map(\.name))
    var hasConvolution = false
    for layer in layers {
      switch layer.layerClass {
      case .convolution: hasConvolution = true
      case .linear:
        guard hasConvolution, loaded.contains(layer.name + ".weight") else { return }
        throw FileError(
          what:
            "its layout has rows of flattened maps in (c, y, x) order, and the map before \(layer.name) is not known",
          path: file.path, expected: "its height, width and channels")
      case .normalization, .other: break
      }
    }
  }
}
