internal import Autodiff
package import Datasets
internal import Kernels
internal import Layers
internal import Networks
package import Tensors

/// The feature maps of one image that a layer of the backbone gives.
package struct LayerMaps: Sendable {
  /// One channel.
  package struct Channel: Sendable {
    /// Its place among the layer's channels, counted from 0.
    package let index: Int
    /// Its values in rows from the top.
    package let values: [Float]
  }

  /// The layer's path.
  package let path: String
  /// Height and width in positions.
  package let extent: Extent
  /// The number of the layer's channels.
  package let channelCount: Int
  /// The channels whose values vary most over the image, in their order in the layer.
  package let channels: [Channel]
}

extension RunEvaluator {
  /// The feature maps of an image, as evaluation reads it, at the end of each scale of the backbone: of all layers whose maps
  /// have one extent, those of the last.
  ///
  /// - Parameter limit: channels of each layer, at most.
  /// - Throws: `TrainingError` where the image has no sample or the network does not take it, `FileError` where it cannot be
  ///   read.
  package func layerMaps(ofImage image: Int, in dataset: Dataset, limit: Int) throws -> [LayerMaps] {
    let samples = (0..<dataset.sampleCount).filter { dataset.imageIndex(of: $0) == image }
    guard !samples.isEmpty else {
      throw TrainingError("\(dataset.path): image \(image) has no sample, expected one; choose another picture")
    }
    let batch = try batches(of: samples, in: dataset)[0]
    return pool.use {
      let tape = Tape(parameters: evaluator.parameters, mode: .evaluation)
      var layers: [LayerMaps] = []
      _ = evaluator.network.forward(batch.maps(on: tape), regions: batch.regions, on: tape) { layer, activation in
        guard layer.role == .backbone, case .maps(let maps) = activation else { return }
        let found = LayerMaps(path: layer.path, maps, limit: limit)
        if layers.last?.extent == found.extent { layers.removeLast() }
        layers.append(found)
      }
      return layers
    }
  }
}

extension LayerMaps {
  /// The first map of a layer's output.
  fileprivate init(path: String, _ maps: FeatureMaps, limit: Int) {
    (self.path, extent, channelCount) = (path, maps.extents.maps[0], maps.channels)
    let (count, channels) = (maps.extents.maps[0].area, maps.channels)
    self.channels = maps.variable.value.withSpan { cells in
      let spread = (0..<channels).map { channel in
        var (sum, squares) = (0.0, 0.0)
        for cell in 0..<count {
          let value = Double(cells[cell * channels + channel])
          sum += value
          squares += value * value
        }
        return squares / Double(count) - sum * sum / Double(count * count)
      }
      let widest = (0..<channels).sorted { (spread[$1], $0) < (spread[$0], $1) }.prefix(limit).sorted()
      return widest.map { channel in
        Channel(index: channel, values: (0..<count).map { cells[$0 * channels + channel] })
      }
    }
  }
}
