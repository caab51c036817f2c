internal import Images
package import Kernels
package import Storage
package import Tensors

/// Samples made ready for the network: images as one tensor, their extents, regions and labels.
package struct Batch: Sendable {
  /// `[cells, channels]`, image after image.
  package let pixels: Tensor
  package let extents: Extents
  package let regions: [Kernels.Region]
  package let labels: [Int]
  /// The dataset's sample indices, in the order of the labels.
  package let samples: [Int]

  /// Reads samples from a dataset; samples of one image share it.
  ///
  /// - Parameter side: the side length in pixels that an image of that index is scaled to; nil keeps its own size. Boxes
  ///   are scaled along.
  /// - Throws: `StorageError` if an image cannot be read.
  package init(_ samples: [Int], of dataset: Dataset, side: (_ image: Int) -> Int?) throws(StorageError) {
    var positions: [Int: Int] = [:]
    var images: [Image] = []
    var scales: [(x: Float, y: Float)] = []
    var regions: [Kernels.Region] = []
    for sample in samples {
      let index = dataset.imageIndex(of: sample)
      if positions[index] == nil {
        positions[index] = images.count
        let image = try dataset.image(at: index)
        let scaled = side(index).map { image.resized(height: $0, width: $0) } ?? image
        images.append(scaled)
        scales.append((Float(scaled.width) / Float(image.width), Float(scaled.height) / Float(image.height)))
      }
      let position = positions[index]!
      let scale = scales[position]
      regions.append(
        Kernels.Region(
          image: position,
          box: dataset.box(of: sample).map {
            .init(x1: $0.x1 * scale.x, y1: $0.y1 * scale.y, x2: $0.x2 * scale.x, y2: $0.y2 * scale.y)
          }))
    }
    extents = Extents(images.map { Extent(height: $0.height, width: $0.width) })
    pixels = Self.pixels(of: images, cells: extents.cells, channels: dataset.channels)
    self.regions = regions
    self.samples = samples
    labels = samples.map(dataset.label(of:))
  }

  /// Samples 0 … 255 as −1 … 1.
  private static func pixels(of images: [Image], cells: Int, channels: Int) -> Tensor {
    var tensor = Tensor(uninitialized: [cells, channels])
    tensor.withMutableSpan { values in
      var position = 0
      for image in images {
        for sample in image.pixels {
          values[position] = Float(sample) / 127.5 - 1
          position += 1
        }
      }
    }
    return tensor
  }
}
