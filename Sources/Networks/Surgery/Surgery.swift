internal import Kernels
package import Tensors

/// A conversion of a trained layer's weights to those of another layer.
package enum Surgery: Sendable, Equatable {
  /// Permutes the rows of a linear layer's weight: the same weights for other inputs.
  case permutation(of: String, seed: UInt64)
  /// Truncates a linear layer by SVD to `<path>_down` `[in, rank]` and `<path>_up` `[rank, out]`, which has the bias.
  case truncation(of: String, rank: Int)
  /// Reshapes a linear layer to a convolution with a kernel of the map's extent.
  case convolution(of: String, kernel: Extent)

  /// The path of the layer.
  package var layer: String {
    switch self {
    case .permutation(let layer, seed: _), .truncation(let layer, rank: _), .convolution(let layer, kernel: _): layer
    }
  }

  /// Converts the layer's parameters in place.
  ///
  /// - Returns: a note on the conversion and its error; `nil` if the layer is not among the parameters.
  package func apply(to parameters: inout Parameters) -> String? {
    let name = "\(layer).weight"
    guard let weight = parameters[name] else { return nil }
    switch self {
    case .permutation(_, let seed):
      parameters[name] = weight.permutedRows(seed: seed)
      return "\(layer): \(weight.shape[0]) rows permuted with seed \(seed)"
    case .convolution(_, let kernel):
      parameters[name] = weight.asConvolution(kernel)
      return "\(layer): \(weight.shape) reshaped to a convolution \(weight.asConvolution(kernel).shape)"
    case .truncation(_, let rank):
      let decomposition = TruncatedSVD(weight, rank: rank)
      (parameters["\(layer)_down.weight"], parameters["\(layer)_up.weight"]) = decomposition.factors
      parameters["\(layer)_up.bias"] = parameters["\(layer).bias"]
      (parameters[name], parameters["\(layer).bias"]) = (nil, nil)
      return "\(layer): \(weight.shape) truncated to rank \(decomposition.singularValues.count), "
        + "relative error \(Float(decomposition.relativeError)) (Frobenius norm)"
    }
  }
}

extension Tensor {
  /// A linear weight `[h·w·in, out]`, its rows in (y, x, channel) order, as a convolution weight `[h, w, in, out]`.
  package func asConvolution(_ kernel: Extent) -> Tensor {
    precondition(
      shape.count == 2 && shape[0] % kernel.area == 0, "asConvolution: weight \(shape) for a kernel of \(kernel)")
    return reshaped(to: [kernel.height, kernel.width, shape[0] / kernel.area, shape[1]])
  }

  /// A convolution weight `[h, w, in, out]` as the linear weight `[h·w·in, out]`: the inverse of `asConvolution`.
  package func asLinear() -> Tensor {
    precondition(shape.count == 4, "asLinear: weight \(shape)")
    return reshaped(to: [shape[0] * shape[1] * shape[2], shape[3]])
  }

  /// The rows in a random permutation of the seed.
  package func permutedRows(seed: UInt64) -> Tensor {
    var stream = RandomStream(seed: seed, keys: RandomStream.key("rows"))
    return Rows.gathered(self, order: stream.permutation(of: shape[0]))
  }
}
