internal import Storage
internal import Training

/// How much work a study's jobs are, to tell how much time is left: images walked through, a training one as three.
struct StudyWork {
  private var counts: [String: [Split: (samples: Int, classes: Int)]] = [:]

  /// Looks at the datasets of a study; one that cannot be read is for its runs to complain about.
  init(_ study: Study) {
    for path in Set(([study.source] + study.targets).map(\.path)) {
      guard let dataset = try? Dataset(opening: path, memoryLimit: 0) else { continue }
      for split in Split.allCases {
        counts[path, default: [:]][split] = (dataset.samples(of: split).count, dataset.classNames.count)
      }
    }
  }

  func amount(of job: StudyJob) -> Double {
    switch job {
    case .train(let run, after: _):
      let data = run.configuration.data
      let train = images(data.path, .train, perClass: data.trainPerClass)
      let validation = images(data.path, .validation, perClass: data.validationPerClass)
      return Double(run.configuration.epochs * (3 * train + validation))
    case .testSource(let run): return Double(images(run.configuration.data.path, .test))
    case .test(let cell): return Double(cell.runs.first.map { images($0.configuration.data.path, .test) } ?? 0)
    }
  }

  private func images(_ path: String, _ split: Split, perClass: Int? = nil) -> Int {
    guard let (samples, classes) = counts[path]?[split] else { return 0 }
    return perClass.map { min($0 * classes, samples) } ?? samples
  }
}
