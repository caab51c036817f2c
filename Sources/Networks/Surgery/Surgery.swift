internal import Kernels
package import Tensors

/// A change of a trained layer's weights into those of another layer; a pure function of parameters.
package enum Surgery: Sendable, Equatable {
  /// The rows of a linear layer's weight in an order drawn from a seed: the same numbers behind other inputs.
  case permutation(of: String, seed: UInt64)
  /// A linear layer to two, `<path>_down` `[in, rank]` and `<path>_up` `[rank, out]`, which has the bias.
  case truncation(of: String, rank: Int)
  /// A linear layer to a convolution over maps of the kernel's extent; the same numbers in memory.
  case convolution(of: String, kernel: Extent)

  /// The layer's path.
  package var layer: String {
    switch self {
    case .permutation(let layer, seed: _), .truncation(let layer, rank: _), .convolution(let layer, kernel: _): layer
    }
  }

  /// Changes the layer's parameters, if they are there.
  ///
  /// - Returns: what was done, with the error where there is one; `nil` where the layer is not among the parameters.
  package func apply(to parameters: inout Parameters) -> String? {
    let name = "\(layer).weight"
    guard let weight = parameters[name] else { return nil }
    switch self {
    case .permutation(_, let seed):
      parameters[name] = weight.permutedRows(seed: seed)
      return "\(layer): its \(weight.shape[0]) input rows permuted with the seed \(seed)"
    case .convolution(_, let kernel):
      parameters[name] = weight.asConvolution(kernel)
      return "\(layer): \(weight.shape) made a convolution \(weight.asConvolution(kernel).shape)"
    case .truncation(_, let rank):
      let decomposition = TruncatedSVD(weight, rank: rank)
      (parameters["\(layer)_down.weight"], parameters["\(layer)_up.weight"]) = decomposition.factors
      parameters["\(layer)_up.bias"] = parameters["\(layer).bias"]
      (parameters[name], parameters["\(layer).bias"]) = (nil, nil)
      return "\(layer): \(weight.shape) cut to rank \(decomposition.singularValues.count), "
        + "relative error \(Float(decomposition.relativeError)) (Frobenius norm)"
    }
  }
}

extension Tensor {
  /// A linear weight `[h·w·in, out]`, rows in (y, x, channel) order, as a kernel `[h, w, in, out]`.
  package func asConvolution(_ kernel: Extent) -> Tensor {
    precondition(
      shape.count == 2 && shape[0] % kernel.cells == 0, "asConvolution: weight \(shape) for a kernel of \(kernel)")
    return reshaped(to: [kernel.height, kernel.width, shape[0] / kernel.cells, shape[1]])
  }

  /// A kernel `[h, w, in, out]` as the linear weight `[h·w·in, out]`: the inverse of `asConvolution`.
  package func asLinear() -> Tensor {
    precondition(shape.count == 4, "asLinear: weight \(shape)")
    return reshaped(to: [shape[0] * shape[1] * shape[2], shape[3]])
  }

  /// The rows in an order drawn from the seed.
  package func permutedRows(seed: UInt64) -> Tensor { Rows.gathered(self, order: Self.order(of: shape[0], seed)) }

  /// The inverse of `permutedRows` with that seed.
  package func restoredRows(seed: UInt64) -> Tensor {
    var places = [Int](repeating: 0, count: shape[0])
    for (place, row) in Self.order(of: shape[0], seed).enumerated() { places[row] = place }
    return Rows.gathered(self, order: places)
  }

  private static func order(of count: Int, _ seed: UInt64) -> [Int] {
    var stream = RandomStream(seed: seed, keys: RandomStream.key("rows"))
    return stream.permutation(of: count)
  }
}
