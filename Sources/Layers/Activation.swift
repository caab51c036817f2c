package import Autodiff
package import Tensors

/// What flows between layers: maps before the flattening, features after it.
package enum Activation {
  case maps(FeatureMaps)
  /// `[images or regions, features]`.
  case features(Variable)

  /// Its numbers: `[cells, channels]` or `[images or regions, features]`.
  package var value: Tensor {
    switch self {
    case .maps(let maps): maps.variable.value
    case .features(let features): features.value
    }
  }

  /// The maps; traps on features, which a checked network never has here.
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

  /// The activation after an operation that treats every element alike.
  package func mapped(_ operation: (Variable) -> Variable) -> Activation {
    switch self {
    case .maps(let maps): .maps(FeatureMaps(operation(maps.variable), maps.extents, spatialScale: maps.spatialScale))
    case .features(let features): .features(operation(features))
    }
  }
}
