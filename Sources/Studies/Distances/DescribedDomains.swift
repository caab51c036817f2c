internal import Datasets
internal import Statistics
internal import Support
internal import Training

/// The datasets that a descriptor describes a study's domains by.
struct DescribedDomains {
  let descriptor: Descriptor
  let sources: [Dataset]
  let targets: [Dataset]

  /// - Throws: `FileError` where a dataset cannot be read or does not hold what the descriptor describes.
  init(_ study: Study, in directory: String, by descriptor: Descriptor) throws {
    func dataset(_ domain: Domain, _ role: DerivedDataset.Role) throws -> Dataset {
      let has = role == .source ? domain.source != nil : domain.target != nil
      let other = role == .source ? DerivedDataset.Role.target : .source
      let own = study.dataset(domain, has ? role : other, in: directory)
      let path = descriptor == .features ? own.path : domain.images ?? own.images
      // Few of its images are read.
      let dataset = try Dataset(opening: path, memoryLimit: 0)
      guard descriptor.fits(dataset) else {
        throw descriptor == .features
          ? FileError(
            what: "it holds images", path: path, expected: "feature maps",
            action: "choose another descriptor as the study's distance")
          : FileError(
            what: "it holds feature maps", path: path, expected: "images",
            action:
              "name a dataset of its images as the domain's images, or features as the study's distance.descriptor")
      }
      let images = dataset.samples(of: .train).count
      guard images >= 2 else {
        throw FileError(
          what: "\(images) training images", path: path, expected: "at least 2 to measure distances on",
          action: "prepare it with training images, or name a dataset that has some as the domain's images")
      }
      return dataset
    }
    self.descriptor = descriptor
    sources = try study.domains.map { try dataset($0, .source) }
    targets = try study.domains.map { try dataset($0, .target) }
  }

  /// Training images of the domain with the fewest.
  var count: Int { (sources + targets).map { $0.samples(of: .train).count }.min() ?? 0 }

  /// By source and target, with one bandwidth for all and so many images of each.
  /// - Throws: `FileError` where an image cannot be read, `Interruption.stopped`.
  func measures(samples: Int, shouldStop: () -> Bool) throws -> [[DomainDistances.Measure]] {
    let first = try sources.map { try descriptions(of: $0, count: samples, as: .source) }
    let second = try targets.map { try descriptions(of: $0, count: samples, as: .target) }
    let bandwidth = SampleDistance.bandwidth(of: first + second)
    return try first.map { a in
      try second.map { b in
        if shouldStop() { throw Interruption.stopped }
        let discrepancy = SampleDistance.discrepancy(a, b, bandwidth: bandwidth)
        return DomainDistances.Measure(
          discrepancy: discrepancy.square, p: discrepancy.p, proxy: SampleDistance.proxy(a, b))
      }
    }
  }

  /// Descriptions of training images, drawn; the two roles draw apart, for a domain may have one dataset only.
  private func descriptions(
    of dataset: Dataset, count: Int, as role: DerivedDataset.Role
  ) throws -> SampleDistance.Sample {
    try dataset.drawn(count, of: .train, as: role).map {
      try descriptor.describe(dataset.imageIndex(of: $0), of: dataset)
    }
  }
}
