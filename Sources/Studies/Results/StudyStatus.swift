package import Training

/// The directory and progress of each run of a study.
package struct StudyStatus: Sendable, Equatable {
  /// The progress of a run.
  package enum State: Sendable, Equatable {
    case toDo, begun, finished
    case diverged(step: Int)
    case failed(reason: String)
  }

  /// A run in one of its roles.
  package struct Row: Sendable, Equatable {
    /// The path of the run's directory in the study's.
    package var run: String
    /// The arm's name.
    package var arm: String
    /// The regime; nil for a source model.
    package var regime: Regime?
    /// The domain that the run's source model was pretrained on; nil from scratch.
    package var source: String?
    /// The domain that it is trained on.
    package var target: String
    /// The run's seed.
    package var seed: UInt64
    /// The learning rate; nil for a source model.
    package var learningRate: Double?
    /// The fold of cross-validation; nil for other runs.
    package var fold: Int?
    /// The metric that selects.
    package var metric: Metric
    /// Its value on validation of the best weights; nil until the run is finished, and without validation.
    package var validation: Double?
    /// The test accuracy; nil unless the run was tested.
    package var testAccuracy: Double?
    /// The run's progress.
    package var state: State
  }

  /// Source models first; a run of several cells has a row in each.
  package private(set) var rows: [Row] = []
  /// Cells that wait for a learning rate or for weights that others choose.
  package private(set) var waiting = 0

  /// Looks at the runs' files for those that are not finished.
  package init(_ progress: StudyProgress) {
    for entry in progress.entries {
      switch entry {
      case .source(let run, let domain): rows.append(Row(run, regime: nil, source: nil, target: domain, progress))
      case .cell(_, .waiting): waiting += 1
      case .cell(let cell, _):
        let question = cell.question
        rows += entry.runs.map {
          Row(
            $0, arm: question.arm, regime: question.regime, source: question.source, target: question.target, progress)
        }
      }
    }
  }
}

extension StudyStatus.Row {
  fileprivate init(
    _ run: PlannedRun, arm: String? = nil, regime: Regime?, source: String?, target: String, _ progress: StudyProgress
  ) {
    let result = progress.result(of: run)
    let metric = run.configuration.metrics[0]
    self.init(
      run: run.name, arm: arm ?? run.arm, regime: regime, source: source, target: target, seed: run.seed,
      learningRate: run.learningRate, fold: run.fold, metric: metric,
      validation: result?.validation[metric.name],
      testAccuracy: progress.testAccuracy(of: run), state: .init(run.directory, result))
  }
}

extension StudyStatus.State {
  fileprivate init(_ run: RunDirectory, _ result: RunResult?) {
    if let reason = run.loadFailure() {
      self = .failed(reason: reason)
    } else if let result {
      self = result.divergedAt.map { .diverged(step: $0) } ?? .finished
    } else {
      self = run.hasCheckpoint ? .begun : .toDo
    }
  }
}
