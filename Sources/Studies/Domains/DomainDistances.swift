internal import Datasets
internal import Foundation
internal import Support
internal import Tensors
internal import Training

/// How far apart a study's domains are, measured on training images alone, as one descriptor sees them and as a second.
package struct DomainDistances: Codable, Sendable, Equatable {
  /// Between two domains, in one descriptor.
  package struct Measure: Codable, Sendable, Equatable {
    /// Unbiased MMD², which may be a little below 0 for images of one kind.
    package var discrepancy: Double
    package var p: Double
    package var proxy: Double

    package init(discrepancy: Double, p: Double, proxy: Double) {
      (self.discrepancy, self.p, self.proxy) = (discrepancy, p, proxy)
    }

    /// Whether the proxy says no more than "far".
    package var isSaturated: Bool { proxy > 1.8 }
    package var proxyText: String { proxy.formatted(digits: 2) + (isSaturated ? " (saturated)" : "") }
  }

  package struct Pair: Codable, Sendable, Equatable {
    package var source: String
    package var target: String
    /// In the primary descriptor.
    package var primary: Measure
    /// In the second; nil if there is none.
    package var second: Measure?
    /// Classes of both by name, as a share of classes of either.
    package var labelOverlap: Double

    package init(source: String, target: String, primary: Measure, second: Measure? = nil, labelOverlap: Double) {
      (self.source, self.target, self.primary, self.second) = (source, target, primary, second)
      self.labelOverlap = labelOverlap
    }

    /// MMD² in the primary descriptor.
    package var discrepancy: Double { primary.discrepancy }
    package var p: Double { primary.p }
    package var proxy: Double { primary.proxy }
  }

  /// What the measurement depends on; another one makes it anew.
  package var key: String
  /// Images of each domain.
  package var samples: Int
  package var descriptor: Descriptor
  package var secondDescriptor: Descriptor?
  package var pairs: [Pair]

  /// At most so many images of a domain are described.
  static let limit = 200

  package subscript(source: String, target: String) -> Pair? {
    pairs.first { $0.source == source && $0.target == target }
  }

  package init(
    key: String, samples: Int, descriptor: Descriptor = .gradients, secondDescriptor: Descriptor? = nil, pairs: [Pair]
  ) {
    (self.key, self.samples, self.pairs) = (key, samples, pairs)
    (self.descriptor, self.secondDescriptor) = (descriptor, secondDescriptor)
  }

  /// Reads the study's file, or measures and writes it.
  /// - Throws: `FileError` where a dataset cannot be read or does not hold what the descriptor describes.
  package init(of plan: StudyPlan) throws {
    let file = RunDirectory(plan.directory).file("distances.json")
    let key = plan.dataKey
    if let known = try? JSONFile.read(DomainDistances.self, from: file), known.key == key {
      self = known
      return
    }
    try self.init(measuring: plan.study, in: plan.directory, key: key)
    try JSONFile.write(self, to: file)
  }

  /// Measures every domain as a source against every domain as a target; where one has no such dataset, its other.
  private init(measuring study: Study, in directory: String, key: String) throws {
    descriptor = study.distance.descriptor
    let domains = study.domains
    let first = try DescribedDomains(study, in: directory, by: descriptor)
    let second = descriptor.others.lazy.compactMap { try? DescribedDomains(study, in: directory, by: $0) }.first
    samples = min(first.count, second?.count ?? first.count, Self.limit)
    let primary = try first.measures(samples: samples)
    let other = try second?.measures(samples: samples)
    (self.key, secondDescriptor) = (key, second?.descriptor)
    pairs = []
    for (s, source) in domains.enumerated() {
      for (t, target) in domains.enumerated() {
        let (a, b) = (Set(first.sources[s].classNames), Set(first.targets[t].classNames))
        pairs.append(
          Pair(
            source: source.name, target: target.name, primary: primary[s][t], second: other?[s][t],
            labelOverlap: Double(a.intersection(b).count) / Double(a.union(b).count)))
      }
    }
  }
}

/// The datasets that a descriptor describes a study's domains by.
private struct DescribedDomains {
  let descriptor: Descriptor
  let sources: [Dataset]
  let targets: [Dataset]

  /// - Throws: `FileError` where a dataset cannot be read or does not hold what the descriptor describes.
  init(_ study: Study, in directory: String, by descriptor: Descriptor) throws {
    func dataset(_ domain: Domain, _ role: DerivedDataset.Role) throws -> Dataset {
      let has = role == .source ? domain.source != nil : domain.target != nil
      let other = role == .source ? DerivedDataset.Role.target : .source
      let own = DerivedDataset(domain, has ? role : other, of: study, in: directory)
      let path = descriptor == .features ? own.path : domain.images ?? own.images
      // Few of its images are looked at.
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
  func measures(samples: Int) throws -> [[DomainDistances.Measure]] {
    let first = try sources.map { try descriptions(of: $0, count: samples, as: .source) }
    let second = try targets.map { try descriptions(of: $0, count: samples, as: .target) }
    let bandwidth = SampleDistance.bandwidth(of: first + second)
    return try first.map { a in
      try second.map { b in
        if Interruption.isRequested { throw Interruption.stopped }
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

extension Dataset {
  /// At most so many samples of a split, drawn; the same ones every time.
  func drawn(_ count: Int, of split: Split, as role: DerivedDataset.Role) -> [Int] {
    var random = RandomStream(seed: 1, keys: RandomStream.key("distance \(role.rawValue)"))
    let samples = samples(of: split)
    return random.permutation(of: samples.count).prefix(count).map { samples[$0] }
  }
}

extension StudyPlan {
  /// What the distances between domains depend on.
  fileprivate var dataKey: String {
    let data = DerivedDataset.all(of: study, in: directory).map { dataFingerprint(of: $0.path) }
    let domains = study.domains.map { $0.name + ($0.images.flatMap { try? Dataset.fingerprint(of: $0) } ?? "") }
    return Self.identity(
      of: "version 2 \(study.distance.descriptor.rawValue)\n" + (domains + data).joined(separator: "\n"))
  }
}
