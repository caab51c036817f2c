package import Autodiff
package import Tensors

/// The output of a layer: feature maps, or features once the maps are pooled or flattened.
package enum Activation {
  /// Feature maps `[N, H, W, C]`.
  case maps(FeatureMaps)
  /// Features `[images or regions, features]`.
  case features(Variable)

  /// The values: `[positions, channels]` of maps, `[images or regions, features]` of features.
  package var value: Tensor {
    switch self {
    case .maps(let maps): maps.variable.value
    case .features(let features): features.value
    }
  }

  /// The maps; traps on features, which a checked network never passes here.
  package func maps(_ context: ForwardContext) -> FeatureMaps {
    guard case .maps(let maps) = self else { preconditionFailure("layer \(context.path) gets features, expected maps") }
    return maps
  }

  /// The features; traps on maps.
  package func features(_ context: ForwardContext) -> Variable {
    guard case .features(let features) = self else {
      preconditionFailure("layer \(context.path) gets maps, expected features")
    }
    return features
  }

  /// The activation after an elementwise operation.
  package func mapped(_ operation: (Variable) -> Variable) -> Activation {
    switch self {
    case .maps(let maps): .maps(FeatureMaps(operation(maps.variable), maps.extents, spatialScale: maps.spatialScale))
    case .features(let features): .features(operation(features))
    }
  }
}
