internal import Datasets
internal import Training

/// The work of a study's jobs, to estimate the time left: images forward, a training image as three.
package struct StudyWork: Sendable {
  /// Work that is not yet a job: a number of runs of a cell's search, others of twice the epochs, its refit, and its test.
  package struct Expected: Sendable {
    var cell: Cell
    var trials: Int
    var doubled: Int
    var refits: Int

    var runs: Int { trials + doubled + refits }
    var jobs: Int { runs + 1 }
  }

  private let outlines: [String: DatasetOutline]

  /// Reads how many images the plan's datasets have.
  package init(_ plan: StudyPlan) { outlines = plan.outlines }

  /// The work of a job, in images forward.
  package func amount(of job: StudyJob) -> Double {
    if case .train(let run, after: _) = job { training(run.configuration) } else { testing(job.run.configuration) }
  }

  /// The work of jobs that will follow, in images forward.
  package func amount(of expected: Expected) -> Double {
    let cell = expected.cell
    let trial = cell.configuration(of: cell.trials.first ?? cell.finalTrial)
    let trials = Double(expected.trials + 2 * expected.doubled) * training(trial)
    return trials + Double(expected.refits) * training(cell.base) + testing(cell.base)
  }

  private func training(_ configuration: Configuration) -> Double {
    let data = configuration.data
    let drawn = Double(images(data.path, .train, perClass: data.trainPerClass))
    let held = data.fold.map { drawn / Double($0.of) } ?? 0
    let validation = data.fold == nil ? Double(images(data.path, .validation, perClass: data.validationPerClass)) : held
    return Double(configuration.epochs) * (3 * (drawn - held) + validation)
  }

  /// The work of measuring the drift of a cell's chosen run, if it has one, in images forward.
  package func drift(of cell: Cell) -> Double {
    guard let model = cell.sourceModel else { return 0 }
    let images = images(cell.base.data.path, .train) + images(model.configuration.data.path, .test)
    return Double(min(images, Dataset.measuredImages + DriftGauge.testLimit))
  }

  private func testing(_ configuration: Configuration) -> Double { Double(images(configuration.data.path, .test)) }

  private func images(_ path: String, _ split: Split, perClass: Int? = nil) -> Int {
    guard let outline = outlines[path], let samples = outline.samples[split] else { return 0 }
    return perClass.map { min($0 * outline.classes, samples) } ?? samples
  }
}
