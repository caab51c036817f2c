package import Autodiff
package import Layers

extension Batch {
  /// The images or feature maps as constants on a tape.
  package func maps(on tape: Tape) -> FeatureMaps {
    FeatureMaps(tape.constant(pixels), extents, scale: scale)
  }
}

extension Network {
  /// Records the network's output for a batch, `[samples, outputs]`.
  package func forward(_ batch: Batch, on tape: Tape) -> Variable {
    forward(batch.maps(on: tape), regions: batch.regions, on: tape)
  }
}
