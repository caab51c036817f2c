internal import Storage
internal import Tensors

/// How far fine-tuning moved each layer's weights: ‖w − w₀‖ / ‖w₀‖, for layers of one name and shape.
package struct WeightDrift: Codable, Sendable, Equatable {
  package var layers: [String: Double]

  /// - Parameter new: patterns of layers that fine-tuning began anew, which moved from nowhere.
  /// - Throws: `StorageError` where a file cannot be read.
  package init(from first: String, to second: String, leaving new: [String]) throws {
    let (before, after) = (try WeightsFile(opening: first), try WeightsFile(opening: second))
    layers = [:]
    for tensor in after.tensors where tensor.kind == "weight" {
      guard !new.contains(where: { NamePattern($0).matches(tensor.layer) }) else { continue }
      guard let old = before.tensors.first(where: { $0.name == tensor.name && $0.shape == tensor.shape }) else {
        continue
      }
      let (a, b) = (try before.values(of: old).values, try after.values(of: tensor).values)
      let change = zip(a, b).reduce(0.0) { $0 + Double(($1.1 - $1.0) * ($1.1 - $1.0)) }
      let norm = a.reduce(0.0) { $0 + Double($1 * $1) }
      if norm > 0 { layers[tensor.layer] = (change / norm).squareRoot() }
    }
  }
}
