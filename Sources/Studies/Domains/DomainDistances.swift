internal import Foundation
internal import Storage
internal import Tensors
internal import Training

/// How far apart a study's domains are, measured on training images alone.
package struct DomainDistances: Codable, Sendable, Equatable {
  package struct Pair: Codable, Sendable, Equatable {
    package var source: String
    package var target: String
    /// Unbiased MMD², which may be a little below 0 for images of one kind.
    package var discrepancy: Double
    package var p: Double
    package var proxy: Double
    /// Classes of both by name, as a share of classes of either.
    package var labelOverlap: Double

    package init(
      source: String, target: String, discrepancy: Double, p: Double, proxy: Double, labelOverlap: Double
    ) {
      (self.source, self.target, self.discrepancy, self.p) = (source, target, discrepancy, p)
      (self.proxy, self.labelOverlap) = (proxy, labelOverlap)
    }
  }

  /// What the measurement depends on; another one makes it anew.
  package var key: String
  /// Images of each domain.
  package var samples: Int
  package var pairs: [Pair]

  /// At most so many images of a domain are described.
  static let limit = 200

  package subscript(source: String, target: String) -> Pair? {
    pairs.first { $0.source == source && $0.target == target }
  }

  package init(key: String, samples: Int, pairs: [Pair]) {
    (self.key, self.samples, self.pairs) = (key, samples, pairs)
  }

  /// Reads the study's file, or measures and writes it.
  /// - Throws: `StorageError` where a dataset cannot be read.
  package init(of plan: StudyPlan) throws {
    let file = RunDirectory(plan.directory).file("distances.json")
    let key = plan.dataKey
    if let known = try? RunDirectory.readJSON(DomainDistances.self, from: file), known.key == key {
      self = known
      return
    }
    try self.init(measuring: plan.study, in: plan.directory, key: key)
    try RunDirectory.writeJSON(self, to: file)
  }

  /// Measures every domain as a source against every domain as a target; where one has no such dataset, its other.
  private init(measuring study: Study, in directory: String, key: String) throws {
    func dataset(_ domain: Domain, _ role: DerivedDataset.Role) throws -> Dataset {
      let has = role == .source ? domain.source != nil : domain.target != nil
      let other = role == .source ? DerivedDataset.Role.target : .source
      let path = domain.images ?? DerivedDataset(domain, has ? role : other, in: directory).path
      return try Dataset.ofImages(path, action: "name a dataset of its images as the domain's images")
    }
    let sources = try study.domains.map { try dataset($0, .source) }
    let targets = try study.domains.map { try dataset($0, .target) }
    let count = (sources + targets).map { $0.samples(of: .train).count }.min() ?? 0
    let samples = min(count, Self.limit)
    let (first, second) = (
      try sources.map { try Self.descriptions(of: $0, count: samples, as: .source) },
      try targets.map { try Self.descriptions(of: $0, count: samples, as: .target) }
    )
    let bandwidth = SampleDistance.bandwidth(of: first + second)
    var pairs: [Pair] = []
    for (s, source) in study.domains.enumerated() {
      for (t, target) in study.domains.enumerated() {
        if Interruption.isRequested { throw Interruption.stopped }
        let discrepancy = SampleDistance.discrepancy(first[s], second[t], bandwidth: bandwidth)
        let (a, b) = (Set(sources[s].classNames), Set(targets[t].classNames))
        pairs.append(
          Pair(
            source: source.name, target: target.name, discrepancy: discrepancy.square, p: discrepancy.p,
            proxy: SampleDistance.proxy(first[s], second[t]),
            labelOverlap: Double(a.intersection(b).count) / Double(a.union(b).count)))
      }
    }
    (self.key, self.samples, self.pairs) = (key, samples, pairs)
  }

  /// Descriptions of so many training images, drawn; the two roles draw apart, for a domain may have one dataset only.
  private static func descriptions(
    of dataset: Dataset, count: Int, as role: DerivedDataset.Role
  ) throws -> SampleDistance.Sample {
    var random = RandomStream(seed: 1, keys: RandomStream.key("distance \(role.rawValue)"))
    let samples = dataset.samples(of: .train)
    return try random.permutation(of: samples.count).prefix(count).map {
      Descriptor.describe(try dataset.image(at: dataset.imageIndex(of: samples[$0])))
    }
  }
}

extension StudyPlan {
  /// What the distances between domains depend on.
  fileprivate var dataKey: String {
    let data = DerivedDataset.all(of: study, in: directory).map { dataFingerprint(of: $0.path) }
    return Self.identity(
      of: "descriptor 1\n" + (study.domains.map { $0.name + ($0.images ?? "") } + data).joined(separator: "\n"))
  }
}
