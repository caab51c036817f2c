internal import Serialization

/// An array's layer and its role there, by its name: `conv1.weight`, `conv1/kernel:0`, `conv1_W`, or `conv1.0` and
/// `conv1.1` of a list of weight and bias.
struct ArrayName: Sendable, Equatable {
  let layer: String
  /// A role's name, or the file's own.
  let kind: String

  private static let roles: [String: TensorRole] = [
    "weight": .weight, "weights": .weight, "kernel": .weight, "W": .weight, "w": .weight,
    "bias": .bias, "biases": .bias, "b": .bias, "gamma": .scale, "scale": .scale, "beta": .offset, "offset": .offset,
    "moving_mean": .mean, "running_mean": .mean, "mean": .mean,
    "moving_variance": .variance, "running_var": .variance, "variance": .variance,
  ]

  /// The names of all arrays of a file, in its order.
  static func names(of entries: [ArrayFile.Entry]) -> [ArrayName] {
    let lists = Dictionary(grouping: entries.filter { $0.item != nil }) { $0.item?.list ?? "" }
    let kinds = lists.compactMapValues(Self.kinds)
    let parts = entries.map { Self.parts(of: $0.name) }
    // A weight of one axis scales a normalization, as in torch, and its bias is the offset.
    var normalizations: Set<String> = []
    for (entry, part) in zip(entries, parts) where part?.role == .weight && entry.array.shape.count == 1 {
      if let part { normalizations.insert(part.layer) }
    }
    return zip(entries, parts).map { entry, part in
      if let item = entry.item, let kinds = kinds[item.list] {
        return ArrayName(layer: item.list, kind: kinds[item.position] ?? "\(item.position)")
      }
      guard let (layer, role) = part else { return ArrayName(layer: entry.name, kind: "value") }
      guard normalizations.contains(layer) else { return ArrayName(layer: layer, kind: role.rawValue) }
      let own: TensorRole = role == .weight ? .scale : role == .bias ? .offset : role
      return ArrayName(layer: layer, kind: own.rawValue)
    }
  }

  /// A name split at the last `.`, `/` or `_` before a role.
  private static func parts(of name: String) -> (layer: String, role: TensorRole)? {
    let name = TensorRole.withoutCount(name)
    // `_` parts a role from its layer only after the others, since it is in `running_mean` too.
    for (text, role) in roles.sorted(by: { ($1.key.count, $0.key) < ($0.key.count, $1.key) }) {
      guard name.hasSuffix(text), let separator = name.dropLast(text.count).last, [".", "/", "_"].contains(separator)
      else { continue }
      let layer = name.dropLast(text.count + 1)
      if !layer.isEmpty { return (String(layer), role) }
    }
    return nil
  }

  /// The roles in a list of a weight, or of a weight and its bias; `nil` for any other list.
  private static func kinds(ofList members: [ArrayFile.Entry]) -> [Int: String]? {
    guard members.count <= 2, let weight = members.first, weight.array.shape.count >= 2,
      members.dropFirst().allSatisfy({ $0.array.shape.count == 1 })
    else { return nil }
    let kinds = zip(members, [TensorRole.weight, .bias]).compactMap { member, role in
      member.item.map { ($0.position, role.rawValue) }
    }
    return Dictionary(kinds) { first, _ in first }
  }
}

extension TensorRole {
  /// A name without TensorFlow's `:0`.
  static func withoutCount(_ name: String) -> String {
    guard let colon = name.lastIndex(of: ":"), name[colon...].dropFirst().allSatisfy(\.isNumber) else { return name }
    return String(name[..<colon])
  }
}
