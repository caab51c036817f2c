internal import Networks

/// Which layer of a file each layer of a network is loaded from.
struct LayerMatching {
  /// Names in the file by the network's layers.
  private(set) var names: [String: String] = [:]
  /// How layers were matched that have no name of the file.
  private(set) var way = LoadingPlan.Matching.names
  /// Why layers without a name of the file cannot be matched.
  private(set) var problem: String?

  /// Matches by name: whole paths, then the last part of a path, where it is one layer's alone, then the file's path with
  /// `_` for its dots (torch's `layer1.0.conv1` is `layer1_0_conv1`). Where no name matches, order or shapes decide.
  ///
  /// - Parameters:
  ///   - network: layers by their paths, such as `head.fc6`.
  ///   - namings: names of the network's layers in files of other libraries, which apply where all of them are in the file.
  ///   - isChain: whether the network's layers have one order, each getting the output of the one before it.
  ///   - isReinitialized: whether a layer of the network or of the file is reinitialized.
  ///   - renaming: names in the file by the network's.
  init(
    _ network: [LayerOutline], _ file: WeightsFile, namings: [LayerNaming], isChain: Bool,
    isReinitialized: (String) -> Bool,
    renaming: [String: String]
  ) {
    let found = LayerNames(of: file)
    var isNamed = false
    for layer in network {
      let own = Self.lastPart(of: layer.name)
      if let renamed = renaming[own] ?? renaming[layer.name] { names[layer.name] = renamed }
    }
    let taken = Set(names.values)
    for layer in network where names[layer.name] == nil && file.hasNames {
      guard let name = found.name(for: layer.name), !taken.contains(name) else { continue }
      names[layer.name] = name
      isNamed = true
    }
    if isNamed { return }
    func isKept(_ layer: LayerOutline) -> Bool {
      !isReinitialized(layer.name) && !isReinitialized(Self.lastPart(of: layer.name))
    }
    for naming in namings where file.hasNames && names.isEmpty {
      let pairs = network.map { ($0, naming.names[Self.lastPart(of: $0.name)].flatMap { found.name(for: $0) }) }
      guard pairs.contains(where: { $0.1 != nil }), pairs.allSatisfy({ $0.1 != nil || !isKept($0.0) }) else { continue }
      for case (let layer, let name?) in pairs { names[layer.name] = name }
      way = .naming(naming)
      return
    }
    let rest = network.filter { names[$0.name] == nil }
    let theirs = file.outlines.filter { !taken.contains($0.name) }
    if rest.contains(where: isKept) {
      match(
        rest, theirs, of: file, isOrdered: isChain && !file.hasBranches && file.layerOrder != .unknown, isReinitialized)
    }
  }

  static func lastPart(of path: String) -> String { path.split(separator: ".").last.map(String.init) ?? path }

  /// Matches layers of each class: in order if both sides have one, else where a shape is one layer's alone.
  private mutating func match(
    _ network: [LayerOutline], _ file: [LayerOutline], of source: WeightsFile, isOrdered: Bool,
    _ isReinitialized: (String) -> Bool
  ) {
    var pairs: [String: String] = [:]
    var problems: [String] = []
    func isKept(_ layer: LayerOutline) -> Bool {
      !isReinitialized(layer.name) && !isReinitialized(Self.lastPart(of: layer.name))
    }
    for layerClass in LayerClass.allCases where layerClass != .other {
      let ours = network.filter { $0.layerClass == layerClass }
      let theirs = file.filter { $0.layerClass == layerClass }
      let oursKept = ours.filter(isKept)
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
      if isOrdered {
        for (our, their) in zip(ours, theirs) { pairs[our.name] = their.name }
      } else {
        problems += Self.pair(ours, theirs, isKept, into: &pairs)
      }
    }
    guard problems.isEmpty else {
      let few = problems.prefix(4).joined(separator: ", ") + (problems.count > 4 ? ", …" : "")
      let unordered =
        source.layerOrder == .unknown
        ? "the file keeps no order of layers"
        : "the network\(source.hasBranches ? " in the file" : "") has branches, so its layers have no one order"
      let reason = isOrdered ? "by order \(few)" : "\(few); \(unordered)"
      problem = (names.isEmpty ? "no layer has a name of the network, and " : "without a name of the file, ") + reason
      return
    }
    names.merge(pairs) { first, _ in first }
    if !pairs.isEmpty { way = isOrdered ? .order : .shapes }
  }

  /// Pairs each layer with the only one of its shape; returns where several have one shape.
  private static func pair(
    _ ours: [LayerOutline], _ theirs: [LayerOutline], _ isKept: (LayerOutline) -> Bool,
    into pairs: inout [String: String]
  ) -> [String] {
    var problems: [String] = []
    var seen: Set<[Int]> = []
    for our in ours.filter(isKept) {
      guard let signature = our.signature, seen.insert(signature).inserted else { continue }
      let same = theirs.filter { $0.signature == signature }
      let rivals = ours.filter { isKept($0) && $0.signature == signature }
      if same.count == 1 && rivals.count == 1 {
        pairs[our.name] = same[0].name
      } else if !same.isEmpty {
        let names = rivals.map { lastPart(of: $0.name) }.joined(separator: ", ")
        problems.append("\(names) of shape \(signature) may be \(same.map(\.name).joined(separator: " or "))")
      }
    }
    // The table shows where reinitialized layers are, if that is certain.
    for our in ours where !isKept(our) {
      let same = theirs.filter { $0.signature == our.signature }
      if same.count == 1, ours.count(where: { $0.signature == our.signature }) == 1 { pairs[our.name] = same[0].name }
    }
    return problems
  }
}

/// The layers of a file, found by a network's paths.
private struct LayerNames {
  private let known: [String]
  private let parts: [[Substring]]
  private let byLast: [Substring: [Int]]
  private let joined: [String: String]

  init(of file: WeightsFile) {
    known = file.layers
    parts = known.map { $0.split { $0 == "." || $0 == "/" } }
    var byLast: [Substring: [Int]] = [:]
    for (index, parts) in parts.enumerated() { byLast[parts.last ?? "", default: []].append(index) }
    self.byLast = byLast
    joined = Self.joinedNames(of: known, parts)
  }

  /// The layer of a path: the whole path, or without its first part, which is the network's own (`features`, `head`); then
  /// that of the most equal parts from the end on; of one part only where one layer alone ends in it.
  func name(for path: String) -> String? {
    let own = path.split { $0 == "." || $0 == "/" }
    let candidates = byLast[own.last ?? ""] ?? []
    for path in [own[...], own.dropFirst()] {
      if let whole = candidates.first(where: { parts[$0].elementsEqual(path) }) { return known[whole] }
    }
    if let bare = candidates.first(where: { parts[$0].count == 1 }) { return known[bare] }
    if candidates.count == 1 { return known[candidates[0]] }
    let scores = candidates.map { zip(parts[$0].reversed(), own.reversed()).prefix { $0 == $1 }.count }
    if let best = scores.max(), best > 1, scores.count(where: { $0 == best }) == 1 {
      return scores.firstIndex(of: best).map { known[candidates[$0]] }
    }
    // A layer that holds one layer alone: Keras's group, whose tensors have the name that it had before.
    let groups = parts.indices.filter { parts[$0].count > 1 && parts[$0].first == own.last }
    if candidates.isEmpty && groups.count == 1 { return known[groups[0]] }
    return joined[own.last.map(String.init) ?? ""]
  }

  /// The file's names by themselves with `_` for dots, without the parts that all begin with, such as `module.`.
  private static func joinedNames(of layers: [String], _ parts: [[Substring]]) -> [String: String] {
    let shared = zip(
      parts.min { $0.lexicographicallyPrecedes($1) } ?? [], parts.max { $0.lexicographicallyPrecedes($1) } ?? []
    )
    .prefix { $0 == $1 }.count
    let names = zip(parts, layers).map { ($0.dropFirst(shared).joined(separator: "_"), $1) }
    return Dictionary(grouping: names, by: \.0).compactMapValues { $0.count == 1 ? $0[0].1 : nil }
  }
}
