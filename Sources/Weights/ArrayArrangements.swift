internal import Serialization

/// On which axis plain arrays have their outputs, for convolutions and for linear layers.
struct ArrayArrangements {
  /// Where the outputs are, and how that is known.
  private enum Place: Equatable {
    case first, last
    case unknown
  }

  private var places: [Int: Place] = [:]
  private var reasons: [Int: String] = [:]

  /// Judges by the format, or by biases and names of the layers.
  init(_ layers: [[(ArrayName, ArrayFile.Entry)]], format: WeightsFormat) {
    for rank in [2, 4] {
      let weights = layers.compactMap { members in
        members.first { $0.0.kind == TensorRole.weight.rawValue && $0.1.array.shape.count == rank }
          .map { (weight: $0.1, members: members) }
      }
      if weights.isEmpty { continue }
      switch format {
      case .numpyTorch: places[rank] = .first
      case .numpyKeras: places[rank] = .last
      default:
        let votes = weights.compactMap { weight, members -> Place? in
          let shape = weight.array.shape
          let lengths = members.compactMap { name, entry in Self.length(of: entry.array.shape, name) }
          guard let length = lengths.first, lengths.allSatisfy({ $0 == length }), shape[0] != shape[rank - 1] else {
            return nil
          }
          return length == shape[0] ? Place.first : length == shape[rank - 1] ? Place.last : Place.unknown
        }
        let (place, reason) = Self.verdict(votes, names: weights.map { $0.weight.name })
        places[rank] = place
        reasons[rank] = reason
      }
    }
  }

  /// By the biases if they agree, else by the names that frameworks give.
  private static func verdict(_ votes: [Place], names: [String]) -> (Place, String?) {
    if let first = votes.first {
      return votes.allSatisfy { $0 == first } ? (first, "by the lengths of biases") : (.unknown, nil)
    }
    let stems = Set(names.map { TensorRole.stem(of: $0.split(separator: ".").last.map(String.init) ?? $0) })
    if stems == ["kernel"] { return (.last, "by the name kernel") }
    if stems == ["weight"] { return (.first, "by the name weight") }
    return (.unknown, nil)
  }

  /// The length of a vector, or of a bias that is one row or one column.
  private static func length(of shape: [Int], _ name: ArrayName) -> Int? {
    if shape.count == 1 { return shape[0] }
    return name.kind == TensorRole.bias.rawValue && shape.count == 2 && shape.contains(1)
      ? max(shape[0], shape[1]) : nil
  }

  func isUnknown(rank: Int) -> Bool { places[rank] == .unknown }

  /// The arrangement of a weight in the file.
  func arrangement(rank: Int) -> Arrangement {
    guard places[rank] == .first else { return .same }
    return rank == 4 ? .kernel(isMirrored: false) : .transposed
  }

  /// The order of a flattened map's rows: that of the maps of such convolutions.
  var flattenOrder: FlattenOrder { places[4] == .first || places[4] == nil && places[2] == .first ? .chw : .hwc }

  /// What was found, in words.
  var description: String {
    let texts = [4: ["[out, in, height, width]", "[height, width, in, out]"], 2: ["[out, in]", "[in, out]"]]
    return [4, 2].compactMap { rank in
      guard let place = places[rank] else { return nil }
      let name = rank == 4 ? "kernels" : "linear layers"
      if place == .unknown { return ", \(name) in an order that cannot be told" }
      let reason = reasons[rank].map { " (\($0))" } ?? ""
      return ", \(name) \(texts[rank]?[place == .first ? 0 : 1] ?? "")\(reason)"
    }.joined()
  }
}
