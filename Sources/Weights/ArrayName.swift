internal import Serialization

/// An array's layer and its role there, by its name: `conv1.weight`, `conv1/kernel:0`, `conv1_W`, or `W1`; or by its place
/// in a list of one layer's weight and bias, or of those of all layers.
struct ArrayName: Sendable, Equatable {
  let layer: String
  /// A role's name, or the file's own.
  let kind: String
  /// Whether its layer is named by a number, which tells its place: in a list, or in a name such as `W1`.
  var isNumbered = false

  private static let roles: [String: TensorRole] = [
    "weight": .weight, "weights": .weight, "kernel": .weight, "W": .weight, "w": .weight,
    "bias": .bias, "biases": .bias, "b": .bias, "gamma": .scale, "scale": .scale, "beta": .offset, "offset": .offset,
    "moving_mean": .mean, "running_mean": .mean, "mean": .mean,
    "moving_variance": .variance, "running_var": .variance, "variance": .variance,
  ]

  /// The names of all arrays of a file, in its order.
  static func names(of entries: [ArrayFile.Entry]) -> [ArrayName] {
    let lists = Dictionary(grouping: entries.filter { $0.item != nil }) { $0.item?.list ?? "" }
    let listed = lists.compactMapValues(Self.names(inList:))
    let parts = entries.map { Self.parts(of: $0.name) }
    // A weight of one axis scales a normalization, as in torch, and its bias is the offset.
    var normalizations: Set<String> = []
    for (entry, part) in zip(entries, parts) where part?.role == .weight && entry.array.shape.count == 1 {
      if let part { normalizations.insert(part.layer) }
    }
    return zip(entries, parts).map { entry, part in
      if let item = entry.item, let name = listed[item.list]?[item.position] { return name }
      guard let (layer, role, isNumbered) = part else { return ArrayName(layer: entry.name, kind: "value") }
      guard normalizations.contains(layer) else {
        return ArrayName(layer: layer, kind: role.rawValue, isNumbered: isNumbered)
      }
      let own: TensorRole = role == .weight ? .scale : role == .bias ? .offset : role
      return ArrayName(layer: layer, kind: own.rawValue, isNumbered: isNumbered)
    }
  }

  /// A name split at the last `.`, `/` or `_` before a role, or a role with the number of its layer behind it.
  private static func parts(of name: String) -> (layer: String, role: TensorRole, isNumbered: Bool)? {
    let name = TensorRole.withoutCount(name)
    let number = String(name.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
    let stem = name.dropLast(number.count)
    if !number.isEmpty, let role = roles[String(stem.hasSuffix("_") ? stem.dropLast() : stem)] {
      return (number, role, true)
    }
    // `_` parts a role from its layer only after the others, since it is in `running_mean` too.
    for (text, role) in roles.sorted(by: { ($1.key.count, $0.key) < ($0.key.count, $1.key) }) {
      guard name.hasSuffix(text), let separator = name.dropLast(text.count).last, [".", "/", "_"].contains(separator)
      else { continue }
      let layer = name.dropLast(text.count + 1)
      if !layer.isEmpty { return (String(layer), role, false) }
    }
    return nil
  }

  /// The names in a list of weights, each with its bias or without, by position; `nil` for any other list.
  private static func names(inList members: [ArrayFile.Entry]) -> [Int: ArrayName]? {
    let list = members.first?.item?.list ?? ""
    let weights = members.count { $0.array.shape.count > 1 }
    var names: [Int: ArrayName] = [:]
    var (count, hasBias) = (0, true)
    for member in members {
      guard let position = member.item?.position else { return nil }
      let rank = member.array.shape.count
      guard rank > 1 || rank == 1 && !hasBias else { return nil }
      hasBias = rank == 1
      if rank > 1 { count += 1 }
      // A list of one weight has the layer's own name.
      let layer = weights == 1 ? list : (list.isEmpty ? "" : list + ".") + "\(count - 1)"
      let role: TensorRole = rank > 1 ? .weight : .bias
      names[position] = ArrayName(layer: layer, kind: role.rawValue, isNumbered: weights > 1)
    }
    return weights > 0 ? names : nil
  }
}

extension TensorRole {
  /// A name without TensorFlow's `:0`.
  static func withoutCount(_ name: String) -> String {
    guard let colon = name.lastIndex(of: ":"), name[colon...].dropFirst().allSatisfy(\.isNumber) else { return name }
    return String(name[..<colon])
  }
}
