internal import Support

/// How the classes of an evaluated dataset were matched with the network's, and what was left out.
package struct ClassMatching: Codable, Sendable, Equatable {
  /// A class of the dataset that the network does not have.
  package struct LeftOut: Codable, Sendable, Equatable {
    /// The dataset's name.
    package var name: String
    /// Samples of it in the split.
    package var samples: Int
    /// Images of the split with such a sample.
    package var images: Int
  }

  /// What classes are matched by.
  package enum Rule: String, Codable, Sendable { case name, position }

  /// What classes are matched by.
  package var rule: Rule
  /// Classes whose names differ in case, spaces, `_` or `-` alone.
  package var respelled: [ClassCorrespondence.Pair]
  /// Classes of other names that were given as one, by a map or by their positions.
  package var given: [ClassCorrespondence.Pair]
  /// Classes of the dataset that are not evaluated, as the network does not have them.
  package var leftOut: [LeftOut]
  /// Classes of the network that the dataset does not have.
  package var absent: [String]
  /// Classes of the network that the dataset has.
  package var shared: Int

  /// Whether the dataset has other classes than the network.
  package var isPartial: Bool { !leftOut.isEmpty || !absent.isEmpty }

  /// Lines for a terminal, each with a final line feed; none where all names are equal.
  package var text: String {
    func pairs(_ pairs: [ClassCorrespondence.Pair], _ sign: String) -> String {
      pairs.map { "\($0.data) \(sign) \($0.network)" }.listed
    }
    var lines: [String] = []
    if rule == .position { lines.append("classes are compared by position, as asked") }
    if !respelled.isEmpty { lines.append("classes matched though spelled differently: \(pairs(respelled, "="))") }
    if !given.isEmpty { lines.append("classes taken as one: \(pairs(given, "="))") }
    if !leftOut.isEmpty {
      let words = leftOut.map { out in
        let images = "\(out.images) image\(out.images == 1 ? "" : "s")"
        return "\(out.name) (\(out.samples == out.images ? images : "\(out.samples) regions in \(images)"))"
      }
      lines.append("left out, without a class of the network: \(words.listed)")
    }
    if !absent.isEmpty { lines.append("classes of the network that the data lack: \(absent.listed)") }
    return lines.map { $0 + "\n" }.joined()
  }
}
