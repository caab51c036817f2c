package import Datasets
internal import Images
package import Kernels
package import Support
package import Tensors

/// Samples made ready for the network: images or feature maps as one tensor, their extents and regions.
package struct Batch: Sendable {
  /// `[cells, channels]`, image after image.
  package let pixels: Tensor
  /// Height and width of each image or map, in cells.
  package let extents: Extents
  /// The spatial scale: 1 for images, 1/stride for feature maps.
  package let scale: Float
  /// The region of each sample, its box in pixels.
  package let regions: [Region]
  /// The dataset's sample indices, in the order of the regions.
  package let samples: [Int]

  /// Reads samples from a dataset; samples of one image share it.
  ///
  /// Boxes go along with their images; a region whose center a crop leaves out is left out.
  ///
  /// - Parameter transform: what is done to an image; as in evaluation unless given.
  /// - Throws: `FileError` if an image cannot be read.
  package init(
    _ samples: [Int], of dataset: Dataset, as data: DataConfiguration,
    transform: ((_ image: Int) -> ImageTransform)? = nil
  ) throws(FileError) {
    if let features = dataset.header.features {
      self = try Self(maps: samples, of: dataset, scale: features.scale)
      return
    }
    var positions: [Int: Int] = [:]
    var images: [Image] = []
    var transforms: [ImageTransform] = []
    var regions: [Region] = []
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
      var region = Region(image: position)
      if let box = dataset.box(of: sample) {
        guard let box = transforms[position].box(box, of: extent) else { continue }
        region.box = box
      }
      regions.append(region)
      kept.append(sample)
    }
    self.init(images, regions: regions, samples: kept, as: data, channels: data.channels ?? dataset.channels)
  }

  /// Images that are transformed already, with their regions.
  ///
  /// - Parameters:
  ///   - samples: a number for each region.
  ///   - channels: of every image.
  init(_ images: [Image], regions: [Region], samples: [Int], as data: DataConfiguration, channels: Int) {
    let extents = Extents(images.map { Extent(height: $0.height, width: $0.width) })
    let pixels = Self.pixels(
      of: images, positions: extents.positionCount, channels: data.inputNormalization.channels(channels))
    self.init(pixels, extents, scale: 1, regions, samples: samples)
  }

  private init(_ pixels: Tensor, _ extents: Extents, scale: Float, _ regions: [Region], samples: [Int]) {
    (self.pixels, self.extents, self.scale, self.regions) = (pixels, extents, scale, regions)
    self.samples = samples
  }

  /// Feature maps, unchanged; their regions' boxes stay in pixels.
  private init(maps samples: [Int], of dataset: Dataset, scale: Float) throws(FileError) {
    var positions: [Int: Int] = [:]
    var maps: [Extent] = []
    var images: [Int] = []
    var regions: [Region] = []
    for sample in samples {
      let index = dataset.imageIndex(of: sample)
      let position = positions[index] ?? maps.count
      if position == maps.count {
        positions[index] = position
        let extent = dataset.extent(ofImage: index)
        maps.append(extent)
        images.append(index)
      }
      let box = dataset.box(of: sample)
      regions.append(
        Region(image: position, box: box))
    }
    let extents = Extents(maps)
    var values = Tensor(uninitialized: [extents.positionCount, dataset.channels])
    for (position, index) in images.enumerated() {
      try dataset.readFeatureMap(at: index, into: &values, from: extents.starts[position] * dataset.channels)
    }
    self.init(values, extents, scale: scale, regions, samples: samples)
  }

  private static func pixels(
    of images: [Image], positions: Int, channels: [(source: Int, values: [Float])]
  ) -> Tensor {
    var tensor = Tensor(uninitialized: [positions, channels.count])
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
