/// Which layer of a file each layer of a network is loaded from.
struct LayerMatching {
  /// Names in the file by the network's layers.
  private(set) var names: [String: String] = [:]
  /// Whether layers were matched by order, as no name of the file is in the network.
  private(set) var isByOrder = false
  /// Why layers cannot be matched by order: the counts per layer class.
  private(set) var problem: String?

  /// Matches by name: whole paths, then the last part of a path, where it is one layer's alone, then the file's path with
  /// `_` for its dots (torch's `layer1.0.conv1` is `layer1_0_conv1`). Where no name matches, the first convolution is the
  /// first convolution, the first linear layer the first linear layer, and so on.
  ///
  /// - Parameters:
  ///   - network: layers by their paths, such as `head.fc6`.
  ///   - isReinitialized: whether a layer of the network or of the file is reinitialized.
  ///   - renaming: names in the file by the network's.
  init(
    _ network: [LayerOutline], _ file: WeightsFile, isReinitialized: (String) -> Bool, renaming: [String: String]
  ) {
    let known = Set(file.layers)
    var byLast: [String: [String]] = [:]
    for layer in file.layers {
      let last = layer.split { $0 == "." || $0 == "/" }.last.map(String.init) ?? layer
      byLast[last, default: []].append(layer)
    }
    let joined = Self.joinedNames(of: file.layers)
    for layer in network {
      let own = Self.lastPart(of: layer.name)
      if let renamed = renaming[own] ?? renaming[layer.name] {
        names[layer.name] = renamed
      } else if file.hasNames {
        let last = byLast[own] ?? []
        names[layer.name] =
          known.contains(layer.name)
          ? layer.name : known.contains(own) ? own : last.count == 1 ? last[0] : joined[own]
      }
    }
    if names.isEmpty { matchByOrder(network, file.outlines, isReinitialized) }
  }

  static func lastPart(of path: String) -> String { path.split(separator: ".").last.map(String.init) ?? path }

  /// The file's names by themselves with `_` for dots, without the parts that all begin with, such as `module.`.
  private static func joinedNames(of layers: [String]) -> [String: String] {
    let parts = layers.map { $0.split(separator: ".") }
    let shared = zip(
      parts.min { $0.lexicographicallyPrecedes($1) } ?? [], parts.max { $0.lexicographicallyPrecedes($1) } ?? []
    )
    .prefix { $0 == $1 }.count
    let names = zip(parts, layers).map { ($0.dropFirst(shared).joined(separator: "_"), $1) }
    return Dictionary(grouping: names, by: \.0).compactMapValues { $0.count == 1 ? $0[0].1 : nil }
  }

  private mutating func matchByOrder(
    _ network: [LayerOutline], _ file: [LayerOutline], _ isReinitialized: (String) -> Bool
  ) {
    var pairs: [String: String] = [:]
    var problems: [String] = []
    for layerClass in LayerClass.allCases where layerClass != .other {
      let ours = network.filter { $0.layerClass == layerClass }
      let theirs = file.filter { $0.layerClass == layerClass }
      let oursKept = ours.filter { !isReinitialized($0.name) && !isReinitialized(Self.lastPart(of: $0.name)) }
      let theirsKept = theirs.filter { !isReinitialized($0.name) }
      if oursKept.isEmpty { continue }
      let matched =
        ours.count == theirs.count
        ? (ours, theirs)
        : oursKept.count == theirs.count
          ? (oursKept, theirs)
          : oursKept.count == theirsKept.count ? (oursKept, theirsKept) : nil
      guard let (ours, theirs) = matched else {
        problems.append("the file has \(layerClass.counted(theirs.count)) and the network \(oursKept.count)")
        continue
      }
      for (our, their) in zip(ours, theirs) { pairs[our.name] = their.name }
    }
    guard problems.isEmpty else {
      problem = problems.joined(separator: ", ")
      return
    }
    (names, isByOrder) = (pairs, !pairs.isEmpty)
  }
}
