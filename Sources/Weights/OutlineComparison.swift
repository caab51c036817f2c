internal import Networks
internal import Support

/// A network beside the network in a file, at the layers that are loaded from it.
struct OutlineComparison {
  /// What differs, a sentence each.
  private(set) var differences: [String] = []
  private let network: NetworkOutline
  private let file: WeightsFile
  private let names: [String: String]

  /// - Parameters:
  ///   - names: the file's names of the loaded layers by the network's.
  ///   - matched: those of all layers that the network and the file both have, loaded or not.
  init(_ network: NetworkOutline, _ file: WeightsFile, names: [String: String], matched: [String: String]) {
    (self.network, self.file, self.names) = (network, file, names)
    if !network.preparation.isEmpty {
      differences.append(Self.preparation(network.preparation, of: "the network's file"))
    }
    guard let outline = file.outline else { return }
    let ours = Dictionary(names.map { ($0.value, $0.key) }) { first, _ in first }
    let known = Set(matched.values)
    let own = Self.groups(network.withoutNormalizations { matched[$0] == nil }.places) { names[$0] == nil ? nil : $0 }
    let theirs = Self.groups(outline.withoutNormalizations { !known.contains($0) }.places) { ours[$0] }
    let prepared = Self.subtracting(theirs.groups[[""]] ?? [], own.groups[[""]] ?? [])
    if !prepared.isEmpty { differences.append(Self.preparation(prepared, of: "the network in the file")) }
    var places: [String] = []
    // In the network's order of layers.
    for key in own.order + theirs.order.filter({ !own.order.contains($0) }) where key != [""] {
      if own.excluded.contains(key) || theirs.excluded.contains(key) { continue }
      let (here, there) = (own.groups[key] ?? [], theirs.groups[key] ?? [])
      let (ours, others) = (Self.subtracting(here, there), Self.subtracting(there, here))
      if ours.isEmpty && others.isEmpty { continue }
      func text(_ list: [String]) -> String { list.isEmpty ? "nothing" : list.joined(separator: ", ") }
      let layers = key.map { $0.isEmpty ? "the images" : LayerMatching.lastPart(of: $0) }.sorted()
      places.append("after \(layers.joined(separator: " and ")) \(text(ours)) here and \(text(others)) there")
    }
    let windows = network.windowDifferences(from: outline, names: names)
    for (name, here, there) in windows.sorted(by: { isInNaturalOrder($0.name, $1.name) }) {
      places.append("at \(LayerMatching.lastPart(of: name)) \(here) here and \(there) there")
    }
    if !places.isEmpty {
      let more = places.count > 4 ? "; and \(places.count - 4) more" : ""
      differences.append(
        "differs from the network in the file in \(places.count) place\(places.count == 1 ? "" : "s"): "
          + places.prefix(4).joined(separator: "; ") + more)
    }
  }

  /// Throws where a batch normalization that is loaded has another ε in the file.
  func requireEpsilons() throws(FileError) {
    let own = network.epsilons
    let theirs = file.outline?.epsilons ?? [:]
    var found: [(name: String, here: Float, there: Float)] = []
    for (name, other) in names.sorted(by: { isInNaturalOrder($0.key, $1.key) }) {
      // Libraries round: 1.001e-5 is 1e-5.
      guard let here = own[name], let there = theirs[other], abs(here - there) > 0.01 * max(here, there) else {
        continue
      }
      found.append((LayerMatching.lastPart(of: name), here, there))
    }
    guard let first = found.first else { return }
    let places = found.prefix(4).map { "\($0.name) has \($0.there) in the file and \($0.here) in the network" }
    let more = found.count > 4 ? "; and \(found.count - 4) more" : ""
    let values = Set(found.map(\.there))
    throw FileError(
      what: "the epsilon of \(found.count) batch normalization\(found.count == 1 ? "" : "s") differs: "
        + places.joined(separator: "; ") + more, path: file.path, expected: "one epsilon",
      action: values.count == 1
        ? "write epsilon: \(first.there) at \(found.count == 1 ? "this layer" : "these layers") of the network"
        : "write the file's epsilon at each of these layers of the network")
  }

  private static func preparation(_ steps: [String], of network: String) -> String {
    "\(network) prepares its images (\(steps.joined(separator: ", "))); here data.inputNormalization alone does"
  }

  /// The operations by the layers before them, under the network's names; excluded are those beside a layer that is not loaded.
  private static func groups(
    _ places: [NetworkOutline.Place], _ name: (String) -> String?
  ) -> (groups: [Set<String>: [String]], order: [Set<String>], excluded: Set<Set<String>>) {
    var groups: [Set<String>: [String]] = [:]
    var order: [Set<String>] = []
    var excluded: Set<Set<String>> = []
    for place in places {
      let sources = place.sources.map { $0.isEmpty ? "" : name($0) }
      let key = Set(sources.compactMap(\.self))
      guard !sources.contains(nil), place.targets.allSatisfy({ name($0) != nil }) else {
        excluded.insert(key)
        continue
      }
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(place.what + Self.order(of: place, name))
    }
    return (groups, order, excluded)
  }

  /// The parts of a join whose order matters, under the network's names.
  private static func order(of place: NetworkOutline.Place, _ name: (String) -> String?) -> String {
    guard place.isOrdered else { return "" }
    let parts = place.parts.map { part in
      part.map { $0.isEmpty ? "the images" : LayerMatching.lastPart(of: name($0) ?? $0) }.sorted().joined(
        separator: " + ")
    }
    return " of \(parts.joined(separator: ", "))"
  }

  /// The items of a list that another does not have, as often as it does not.
  private static func subtracting(_ list: [String], _ other: [String]) -> [String] {
    var rest = other
    return list.filter { item in
      guard let index = rest.firstIndex(of: item) else { return true }
      rest.remove(at: index)
      return false
    }
  }
}
