package import Networks
package import Support
package import Tensors

/// What happens to every tensor when a network is loaded from a file.
///
/// Layers are matched by name, or if no name is the same by order or by shape.
package struct LoadingPlan: Sendable, CustomStringConvertible {
  /// What happens to a tensor.
  package enum Outcome: String, Sendable {
    /// Loaded from the file.
    case loaded
    /// Not in the file, whose normalization multiplies by no scale: 1.
    case one = "1"
    /// Not in the file, whose normalization adds no offset: 0.
    case zero = "0"
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

  /// How the layers of network and file were matched.
  package enum Matching: Sendable, Equatable {
    /// By their names.
    case names
    /// By the names that a library's files have for the network's layers.
    case naming(LayerNaming)
    /// By their order, since none of the file's names is in the network and both have an order.
    case order
    /// By their shapes, each of which one layer alone has, since none of the file's names is in the network.
    case shapes
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
  /// How layers were matched.
  package let matching: Matching
  /// Tensors of the file's loaded layers that the network's layers have no place for.
  private(set) var dropped: [String] = []
  /// Loaded weights of which every value is 0, once they are read.
  private(set) var zeros: [String] = []
  /// What the network in the file does otherwise than this one, a sentence each.
  package let differences: [String]
  let file: WeightsFile
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
  ///   - namings: names of the network's layers in files of other libraries.
  ///   - isChain: whether each layer of the network gets the output of the one before it, so that its layers have an order.
  ///   - flattened: by layer, the map that it flattens; `[:]` means that no layer follows a flattening. Required for a
  ///     file with rows in (c, y, x) order.
  ///   - reinitializing: layers that are not loaded but initialized: patterns with `*` for a layer's name (`fc*`) or a
  ///     parameter's path (`head.*`); layers of the file that they match are ignored in matching without names.
  ///   - renaming: the file's names of layers by the network's.
  ///   - outline: what the network does, to be compared with the network in the file; nil compares nothing.
  /// - Throws: `FileError` with the whole table if shapes differ or a layer is missing and not reinitialized; also if
  ///   maps are required and not given or differ from the file's, or a pattern or name matches nothing.
  package init(
    network: [(name: String, shape: [Int])], namings: [LayerNaming] = [], isChain: Bool = true,
    flattened: [String: FlattenedMap]? = nil,
    from file: WeightsFile, reinitializing: [String] = [], renaming: [String: String] = [:],
    outline: NetworkOutline? = nil
  ) throws(FileError) {
    let parameters = network.map { (name: $0.name, shape: $0.shape, parts: ParameterName($0.name)) }
    let layers = Self.outlines(of: parameters)
    try Self.requireMatches(reinitializing, parameters, file)
    try Self.requireNames(renaming, layers, file)
    let patterns = reinitializing.map { NamePattern($0) }
    func isReinitialized(_ name: String) -> Bool { patterns.contains { $0.matches(name) } }
    let matching = LayerMatching(
      layers, file, namings: namings, isChain: isChain, isReinitialized: isReinitialized, renaming: renaming)
    var stored: [String: WeightsFile.StoredTensor] = [:]
    for tensor in file.tensors where stored[tensor.name] == nil { stored[tensor.name] = tensor }
    var rows: [Row] = []
    var sources: [Source] = []
    var loaded: Set<String> = []
    for (name, shape, parts) in parameters {
      let owner = parts.map { String(name.dropLast($0.kind.count + 1)) } ?? name
      let isReinitialized = isReinitialized(name) || isReinitialized(parts?.layer ?? "") || isReinitialized(owner)
      let source = matching.names[owner]
      let found = parts.flatMap { parts in source.flatMap { stored.removeValue(forKey: "\($0).\(parts.kind)") } }
      let outcome: Outcome
      if let found {
        let fits =
          found.shape == shape || Self.isKernel(found.shape, of: shape) || Self.isRowOrColumn(found.shape, of: shape)
        outcome = isReinitialized ? .reinitialized : fits ? .loaded : .mismatched
      } else {
        outcome =
          isReinitialized ? .new : file.constant(for: parts?.kind ?? "", of: source ?? "", shape: shape) ?? .missing
      }
      if let found, outcome == .loaded {
        let isWeight = parts?.kind == TensorRole.weight.rawValue
        let layer = isWeight ? parts?.layer ?? "" : ""
        let map = try flattened?.map(ofLayer: layer, rows: shape.first ?? 0, path: file.path)
        if let map { try file.requireMap(map, ofLayer: found.layer, named: layer) }
        sources.append(Source(name: name, stored: found, map: map))
        loaded.insert(owner)
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
    let used = Set(loaded.compactMap { matching.names[$0] })
    dropped = file.tensors.filter { tensor in
      stored[tensor.name] != nil && tensor.layer.isPart(ofAnyOf: used)
    }.map(\.name)
    let comparison = outline.map {
      OutlineComparison($0, file, names: matching.names.filter { loaded.contains($0.key) }, matched: matching.names)
    }
    differences = comparison?.differences ?? []
    (self.rows, self.file, self.sources, self.matching) = (rows, file, sources, matching.way)
    try refuseMisfits(matching, layers)
    try comparison?.requireEpsilons()
    if file.flattenOrder == .chw && flattened == nil { try refuseUnknownMaps(layers) }
  }

  /// Names the loaded weights of which every value is 0, as in a file that was never filled.
  package mutating func noteZeros(in parameters: Parameters) {
    let names = rows.filter { $0.outcome == .loaded && $0.name.hasSuffix(".weight") }.map(\.name)
    zeros = names.filter { name in
      parameters[name]?.withSpan { values in !values.isEmpty && values.indices.allSatisfy { values[$0] == 0 } } ?? false
    }
  }

  /// What ``noteZeros(in:)`` found, in a sentence.
  package var remarkOnZeros: String? {
    zeros.isEmpty
      ? nil
      : "every value of \(zeros.count) loaded weight\(zeros.count == 1 ? "" : "s") is 0 "
        + "(\(zeros.prefix(3).joined(separator: ", "))\(zeros.count > 3 ? ", …" : "")): was the file ever filled?"
  }

  /// Reads the tensors to be loaded, under the network's names.
  ///
  /// - Throws: `FileError` where values cannot be read or are not finite.
  package func load() throws(FileError) -> Parameters {
    var parameters = Parameters()
    let sources = Dictionary(self.sources.map { ($0.name, $0) }) { first, _ in first }
    for row in rows {
      switch row.outcome {
      case .loaded:
        guard let source = sources[row.name] else { continue }
        let values = try file.values(of: source.stored, flattened: source.map)
        parameters[row.name] = values.reshaped(to: row.networkShape ?? values.shape)
      case .one, .zero:
        parameters[row.name] = Tensor(repeating: row.outcome == .one ? 1 : 0, shape: row.networkShape ?? [])
      default: continue
      }
    }
    return parameters
  }

  /// Whether a convolution's kernel over a whole map is the weight of a fully connected layer on the flattened map.
  private static func isKernel(_ kernel: [Int], of weight: [Int]) -> Bool {
    kernel.count == 4 && weight.count == 2 && kernel[0] * kernel[1] * kernel[2] == weight[0] && kernel[3] == weight[1]
  }

  /// Whether a row or a column is a vector, such as a bias `[out, 1]`.
  private static func isRowOrColumn(_ found: [Int], of vector: [Int]) -> Bool {
    vector.count == 1 && found.count == 2 && found.contains(1) && found.reduce(1, *) == vector[0]
  }

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
    let sources = Dictionary(grouping: renaming.keys) { renaming[$0] ?? "" }
    for (theirs, ours) in sources.sorted(by: { $0.key < $1.key }) where ours.count > 1 {
      throw FileError(
        what: "\(ours.sorted().joined(separator: " and ")) are both to be loaded from \(theirs)", path: file.path,
        expected: "one layer of the network for each of the file", action: "correct weights.rename")
    }
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

extension String {
  /// Whether it is the name of one of some layers, or of a part of one, such as `fc.lora_A` of `fc`.
  fileprivate func isPart(ofAnyOf layers: Set<String>) -> Bool {
    if layers.contains(self) { return true }
    return indices.contains { (self[$0] == "." || self[$0] == "/") && layers.contains(String(self[..<$0])) }
  }
}
