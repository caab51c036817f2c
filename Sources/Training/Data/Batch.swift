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
  /// Boxes go along with their images; a region whose centre a crop leaves out is left out.
  ///
  /// - Parameter transform: what is done to an image; as in evaluation unless given.
  /// - Throws: `StorageError` if an image cannot be read.
  package init(
    _ samples: [Int], of dataset: Dataset, as data: DataConfiguration,
    transform: ((_ image: Int) -> ImageTransform)? = nil
  ) throws(StorageError) {
    var positions: [Int: Int] = [:]
    var images: [Image] = []
    var transforms: [ImageTransform] = []
    var regions: [Kernels.Region] = []
    var kept: [Int] = []
    for sample in samples {
      let index = dataset.imageIndex(of: sample)
      let extent = dataset.extent(ofImage: index)
      let position = positions[index] ?? images.count
      if position == images.count {
        positions[index] = position
        transforms.append(transform?(index) ?? data.evaluationTransform(of: extent))
        images.append(transforms[position].image(try dataset.image(at: index)))
      }
      var region = Kernels.Region(image: position)
      if let box = dataset.box(of: sample) {
        guard let box = transforms[position].box(box, of: extent) else { continue }
        region.box = .init(x1: box.x1, y1: box.y1, x2: box.x2, y2: box.y2)
      }
      regions.append(region)
      kept.append(sample)
    }
    extents = Extents(images.map { Extent(height: $0.height, width: $0.width) })
    pixels = Self.pixels(
      of: images, cells: extents.cells, channels: data.pixels.channels(data.channels ?? dataset.channels))
    self.regions = regions
    self.samples = kept
    labels = kept.map(dataset.label(of:))
  }

  private static func pixels(
    of images: [Image], cells: Int, channels: [(source: Int, values: [Float])]
  ) -> Tensor {
    var tensor = Tensor(uninitialized: [cells, channels.count])
    tensor.withMutableSpan { values in
      for (channel, (source, table)) in channels.enumerated() {
        var position = channel
        for image in images {
          let samples = image.pixels
          for place in stride(from: source, to: samples.count, by: channels.count) {
            values[position] = table[Int(samples[place])]
            position += channels.count
          }
        }
      }
    }
    return tensor
  }
}
