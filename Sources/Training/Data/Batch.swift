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

  /// Where an image comes from.
  package struct Source: Sendable, Equatable {
    /// The image's index in the dataset.
    package let image: Int
    /// Its extent there, in pixels; of a feature map, in positions.
    package let extent: Extent
    /// What was done to it.
    package let transform: ImageTransform
  }
  /// Where each image comes from; empty for images that are of no dataset.
  package private(set) var sources: [Source] = []

  /// How mixup mixed the images; nil where each is itself.
  package let mixing: Mixing?

  /// Reads samples from a dataset as in evaluation; samples of one image share it.
  ///
  /// Boxes go along with their images; a region whose center a crop leaves out is left out.
  ///
  /// - Throws: `FileError` if an image cannot be read.
  package init(_ samples: [Int], of dataset: Dataset, as data: DataConfiguration) throws(FileError) {
    var places: [Int: Int] = [:]
    var images: [Int] = []
    let placed = samples.map { sample in
      let image = dataset.imageIndex(of: sample)
      let place = places[image] ?? images.count
      if place == images.count {
        places[image] = place
        images.append(image)
      }
      return (sample: sample, place: place)
    }
    try self.init(placed, images, of: dataset, as: data) {
      data.evaluationTransform(of: dataset.extent(ofImage: images[$0]))
    }
  }

  /// Reads images for training, each with some of its samples; an image may come several times.
  ///
  /// - Parameters:
  ///   - groups: the samples of each image.
  ///   - transform: what is done to the image of a group.
  /// - Throws: `FileError` if an image cannot be read.
  init(
    groups: [[Int]], of dataset: Dataset, as data: DataConfiguration, transform: (_ group: Int) -> ImageTransform
  ) throws(FileError) {
    let placed = groups.enumerated().flatMap { place, samples in samples.map { (sample: $0, place: place) } }
    try self.init(
      placed, groups.map { dataset.imageIndex(of: $0[0]) }, of: dataset, as: data, transform: transform)
  }

  private init(
    _ placed: [(sample: Int, place: Int)], _ images: [Int], of dataset: Dataset, as data: DataConfiguration,
    transform: (_ place: Int) -> ImageTransform
  ) throws(FileError) {
    if let features = dataset.header.features {
      self = try Self(maps: placed, images, of: dataset, scale: features.scale)
      return
    }
    let transforms = images.indices.map(transform)
    var pictures: [Image] = []
    for (place, index) in images.enumerated() {
      let image = try dataset.image(at: index, covering: data.covering(transforms[place]))
      pictures.append(transforms[place].image(image))
    }
    var regions: [Region] = []
    var kept: [Int] = []
    for (sample, place) in placed {
      var region = Region(image: place)
      if let box = dataset.box(of: sample) {
        guard let box = transforms[place].box(box, of: dataset.extent(ofImage: images[place])) else { continue }
        region.box = box
      }
      regions.append(region)
      kept.append(sample)
    }
    self.init(pictures, regions: regions, samples: kept, as: data, channels: data.channels ?? dataset.channels)
    sources = images.indices.map {
      Source(image: images[$0], extent: dataset.extent(ofImage: images[$0]), transform: transforms[$0])
    }
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

  init(
    _ pixels: Tensor, _ extents: Extents, scale: Float, _ regions: [Region], samples: [Int], mixing: Mixing? = nil
  ) {
    (self.pixels, self.extents, self.scale, self.regions) = (pixels, extents, scale, regions)
    (self.samples, self.mixing) = (samples, mixing)
  }

  /// Feature maps, unchanged; their regions' boxes stay in pixels.
  private init(
    maps placed: [(sample: Int, place: Int)], _ images: [Int], of dataset: Dataset, scale: Float
  ) throws(FileError) {
    let extents = Extents(images.map(dataset.extent(ofImage:)))
    var values = Tensor(uninitialized: [extents.positionCount, dataset.channels])
    for (place, index) in images.enumerated() {
      try dataset.readFeatureMap(at: index, into: &values, from: extents.starts[place] * dataset.channels)
    }
    self.init(
      values, extents, scale: scale, placed.map { Region(image: $0.place, box: dataset.box(of: $0.sample)) },
      samples: placed.map(\.sample))
    sources = images.map { Source(image: $0, extent: dataset.extent(ofImage: $0), transform: ImageTransform()) }
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
