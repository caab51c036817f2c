internal import Support

/// Which of a network's outputs stands for each class of a dataset.
///
/// Classes are matched by name: first by a map where one is given, then by equal names, then by names that differ in case,
/// spaces, `_` or `-` alone. A class without a match is left out, never compared by its position, unless that is asked for.
package struct ClassCorrespondence: Sendable, Equatable {
  /// A class's two names.
  package struct Pair: Codable, Sendable, Hashable {
    /// The dataset's name.
    package var data: String
    /// The network's name.
    package var network: String

    /// Two names of one class.
    package init(data: String, network: String) { (self.data, self.network) = (data, network) }
  }

  /// Whether labels are compared by position.
  package let isByPosition: Bool
  /// The network's output for each class of the dataset; nil where it has none.
  package let outputs: [Int?]
  /// Classes whose names differ in case, spaces, `_` or `-`.
  package let respelled: [Pair]
  /// Classes that a map names.
  package let mapped: [Pair]

  private init(isByPosition: Bool = false, outputs: [Int?], respelled: [Pair] = [], mapped: [Pair] = []) {
    (self.isByPosition, self.outputs, self.respelled, self.mapped) = (isByPosition, outputs, respelled, mapped)
  }

  /// The correspondence of a network's classes to themselves.
  package init(identityOf count: Int) { self.init(outputs: Array(0..<count)) }

  /// The correspondence of a dataset's classes to a network's.
  ///
  /// - Parameter path: the dataset's, for messages.
  /// - Throws: `TrainingError` where none corresponds, two names cannot be told apart, or positions cannot be compared.
  package init(
    of data: [String], to network: [String], by rule: ClassRule = .byName, path: String
  ) throws(TrainingError) {
    let lists = "its \(data.count) classes are \(data.listed), the network's \(network.count) are \(network.listed)"
    guard case .byName(let map) = rule else {
      guard data.count == network.count else {
        throw TrainingError("\(path): \(lists); expected as many of both to compare them by position")
      }
      self.init(isByPosition: true, outputs: Array(network.indices))
      return
    }
    try map?.requireOutputs(among: network)
    let matches = Matches(of: data, to: network, map: map)
    if let (ours, theirs) = matches.ambiguous {
      throw TrainingError(
        "\(path): its classes \(ours.listed) and the network's \(theirs.listed) differ in case, spaces, _ or - alone, and "
          + "each may be another; name the pairs that are meant with --class-map FILE")
    }
    guard matches.outputs.contains(where: { $0 != nil }) else {
      let positions = data.count == network.count ? ", or compare labels with --classes by-position" : ""
      throw TrainingError(
        "\(path): no class of it is one of the network's: \(lists); name pairs with --class-map FILE\(positions), or "
          + "fine-tune the network on it first")
    }
    self.init(outputs: matches.outputs, respelled: matches.respelled, mapped: matches.mapped)
  }

  /// The number of classes that two lists have in common; names that cannot be told apart do not count.
  package static func sharedCount(_ first: [String], _ second: [String]) -> Int {
    Set(Matches(of: first, to: second, map: nil).outputs.compactMap(\.self)).count
  }

  /// The outputs that stand for some class, in increasing order.
  package var sharedOutputs: [Int] { Set(outputs.compactMap(\.self)).sorted() }
}

/// The classes of two lists, matched.
private struct Matches {
  var outputs: [Int?]
  var respelled: [ClassCorrespondence.Pair] = []
  var mapped: [ClassCorrespondence.Pair] = []
  /// The first names of both that differ in spelling alone, where more than one of either is to be matched.
  var ambiguous: (data: [String], network: [String])?

  init(of data: [String], to network: [String], map: ClassMap?) {
    let places = Dictionary(zip(network, network.indices)) { first, _ in first }
    let spellings = Dictionary(grouping: network.indices) { network[$0].looseSpelling }
    let named = Set(data.indices.filter { map?.names[data[$0]] != nil })
    let exact = Set(data.indices.filter { !named.contains($0) && places[data[$0]] != nil })
    let spellingsOfData = Dictionary(grouping: data.indices.filter { !named.contains($0) }) { data[$0].looseSpelling }
    outputs = data.map { _ in nil }
    for label in data.indices {
      let name = data[label]
      if let mapped = map?.names[name] {
        outputs[label] = mapped.flatMap { places[$0] }
        if let mapped { self.mapped.append(.init(data: name, network: mapped)) }
      } else if exact.contains(label) {
        outputs[label] = places[name]
      } else if let spelling = name.looseSpelling, let candidates = spellings[spelling] {
        let rivals = spellingsOfData[spelling] ?? []
        if candidates.count == 1, rivals.count == 1 {
          outputs[label] = candidates[0]
          respelled.append(.init(data: name, network: network[candidates[0]]))
        } else if ambiguous == nil {
          ambiguous = (rivals.map { data[$0] }, candidates.map { network[$0] })
        }
      }
    }
  }
}

extension String {
  /// The letters of a name without case, spaces, `_` and `-`; nil where none are left.
  ///
  /// Between digits these count as one sign, and `-` before a number stays: `1-1` is not `11`, and `-1` is not `1`.
  package var looseSpelling: String? {
    var result = ""
    var separator: Character?
    for character in self {
      if character.isWhitespace || character == "_" || character == "-" {
        separator = character
        continue
      }
      if let separator, character.isNumber {
        if result.last?.isNumber == true { result += " " } else if result.isEmpty, separator == "-" { result += "-" }
      }
      result += character.lowercased()
      separator = nil
    }
    return result.isEmpty ? nil : result
  }
}
