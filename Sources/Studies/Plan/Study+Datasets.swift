package import Support
internal import Training

extension Study {
  /// Checks that the datasets that the study's file names are there.
  ///
  /// - Throws: `FileError` of the kind `missing` for the first that is not.
  package func requireDatasets() throws(FileError) {
    for path in domains.flatMap({ [$0.source, $0.target] }).compactMap(\.self) where !FileSystem.exists(path) {
      throw FileError.missing(path)
    }
  }

  /// A domain's dataset in a role that it has.
  func dataset(_ domain: Domain, _ role: DerivedDataset.Role, in directory: String) -> DerivedDataset {
    DerivedDataset(domain, role, features: features, in: directory)
  }

  /// Every dataset, each once.
  /// - Parameter directory: the study's, for those that are made.
  package func datasets(in directory: String) -> [DerivedDataset] {
    var known: Set<String> = []
    let all =
      sources.map { dataset($0, .source, in: directory) } + targets.map { dataset($0, .target, in: directory) }
    return all.filter { known.insert($0.path).inserted }
  }
}

extension StudyPlan {
  /// Every dataset, each once.
  package var datasets: [DerivedDataset] { study.datasets(in: directory) }

  /// The domain that a source model was trained on.
  package func domain(ofSourceModel run: PlannedRun) -> String? {
    study.sources.first { study.dataset($0, .source, in: directory).path == run.configuration.data.path }?.name
  }

  /// The outlines of the datasets, by the path where runs find them; one that cannot be read is left for its runs to
  /// report.
  var outlines: [String: DatasetOutline] {
    var outlines: [String: DatasetOutline] = [:]
    for dataset in datasets {
      outlines[dataset.path] = try? DatasetOutline(of: dataset, base: expected[dataset.base])
    }
    return outlines
  }

  /// The outline of the images that a dataset is made of; nil if it cannot be read.
  func baseOutline(of dataset: DerivedDataset) -> DatasetOutline? {
    expected[dataset.base] ?? (try? DatasetOutline(ofBase: dataset))
  }
}
