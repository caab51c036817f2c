internal import Datasets
internal import Training

extension DomainDistances {
  /// Measures every domain as a source against every domain as a target; where one has no such dataset, its other.
  /// - Parameter shouldStop: polled before each pair.
  /// - Throws: `FileError` where a dataset cannot be read or does not hold what the descriptor describes,
  ///   `Interruption.stopped`.
  package init(measuring plan: StudyPlan, shouldStop: () -> Bool) throws {
    let study = plan.study
    let first = try DescribedDomains(study, in: plan.directory, by: study.distance.descriptor)
    let second = study.distance.descriptor.others.lazy.compactMap {
      try? DescribedDomains(study, in: plan.directory, by: $0)
    }.first
    let samples = min(first.count, second?.count ?? first.count, Dataset.measuredImages)
    let primary = try first.measures(samples: samples, shouldStop: shouldStop)
    let other = try second?.measures(samples: samples, shouldStop: shouldStop)
    var pairs: [Pair] = []
    for (s, source) in study.domains.enumerated() {
      for (t, target) in study.domains.enumerated() {
        let (a, b) = (first.sources[s].classNames, first.targets[t].classNames)
        let shared = ClassCorrespondence.sharedCount(a, b)
        pairs.append(
          Pair(
            source: source.name, target: target.name, primary: primary[s][t], second: other?[s][t],
            labelOverlap: Double(shared) / Double(a.count + b.count - shared)))
      }
    }
    self.init(
      key: plan.domainDistanceKey, samples: samples, descriptor: first.descriptor,
      secondDescriptor: second?.descriptor, pairs: pairs)
  }
}

extension StudyPlan {
  /// What the distances between domains depend on.
  var domainDistanceKey: String {
    let data = datasets.map { dataFingerprint(of: $0.path) }
    let domains = study.domains.map { $0.name + ($0.images.flatMap { try? Dataset.fingerprint(of: $0) } ?? "") }
    return Identity.name(
      of: "version 3 \(study.distance.descriptor.rawValue)\n" + (domains + data).joined(separator: "\n"))
  }
}
