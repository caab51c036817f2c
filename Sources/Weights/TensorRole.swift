/// The role of a tensor in its layer, and Keras's name for it.
///
/// The names in our paths: `weight`, `bias`; of a batch normalization `scale`, `offset`, `mean`, `variance`.
enum TensorRole: String, CaseIterable {
  case weight, bias, scale, offset, mean, variance

  /// The name in files of Keras 2 and later, without `:0`.
  var kerasName: String {
    switch self {
    case .weight: "kernel"
    case .bias: "bias"
    case .scale: "gamma"
    case .offset: "beta"
    case .mean: "moving_mean"
    case .variance: "moving_variance"
    }
  }

  /// All names that versions of Keras gave it; version 1's `running_std` held the variance.
  private var kerasNames: [String] {
    switch self {
    case .weight: ["kernel", "W"]
    case .bias: ["bias", "b"]
    case .scale, .offset: [kerasName]
    case .mean: ["moving_mean", "running_mean"]
    case .variance: ["moving_variance", "running_std", "running_variance"]
    }
  }

  /// The role that an entry of `weight_names` gives, such as `fc1/kernel:0`, `model/fc1/kernel` or `fc1_W_1:0`.
  init?(kerasName name: String, layer: String) {
    let stem = Self.stem(of: name)
    let prefix = (layer.split(separator: "/").last ?? "") + "_"
    // `_1` may count uses of one name, or be part of it.
    let digits = stem.reversed().prefix { $0.isNumber }.count
    let uncounted = digits > 0 && stem.dropLast(digits).hasSuffix("_") ? stem.dropLast(digits + 1) : stem[...]
    let role = Self.allCases.first { role in
      role.kerasNames.contains { $0 == stem || $0 == uncounted || prefix + $0 == stem || prefix + $0 == uncounted }
    }
    guard let role else { return nil }
    self = role
  }

  /// The roles of a layer's tensors by their number and ranks, where names are not informative.
  static func roles(byRanks ranks: [Int]) -> [TensorRole]? {
    if ranks == [1, 1, 1, 1] { return [.scale, .offset, .mean, .variance] }
    guard let first = ranks.first, first >= 2 else { return nil }
    return ranks.count == 1 ? [.weight] : ranks.dropFirst() == [1] ? [.weight, .bias] : nil
  }

  /// The last component of a path without `:0`.
  static func stem(of name: String) -> String {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    guard let colon = last.lastIndex(of: ":"), last[colon...].dropFirst().allSatisfy(\.isNumber) else { return last }
    return String(last[..<colon])
  }
}

/// A parameter's path in parts: `head.fc6.weight` is the tensor `weight` of the layer `fc6`.
struct ParameterName {
  let layer: String
  let kind: String

  /// `nil` for a name of one component, which belongs to no layer.
  init?(_ path: String) {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count >= 2, let kind = parts.last, !parts[parts.count - 2].isEmpty, !kind.isEmpty else { return nil }
    layer = String(parts[parts.count - 2])
    self.kind = String(kind)
  }
}
