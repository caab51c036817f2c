package import Autodiff
package import Networks

extension Batch {
  /// The images or feature maps as constants on a tape.
  package func maps(on tape: Tape) -> FeatureMaps {
    FeatureMaps(tape.constant(pixels), extents, spatialScale: scale)
  }
}

extension Network {
  /// Records the network's outputs for a batch.
  package func forward(_ batch: Batch, on tape: Tape) -> NetworkOutputs {
    forward(batch.maps(on: tape), regions: batch.regions, on: tape)
  }
}
