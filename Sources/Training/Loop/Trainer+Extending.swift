internal import Optimizers
internal import Serialization
internal import Support

/// Runs that get more epochs than they were started with.
extension Trainer {
  /// Throws `TrainingError` where a run is to stop after more epochs than it has.
  static func requireEpochs(_ until: Int?, in configuration: Configuration, of run: RunDirectory) throws(TrainingError)
  {
    guard let until, until > configuration.epochs else { return }
    throw TrainingError(
      "\(run.path): the run has \(configuration.epochs) epochs, by which its schedule ends; expected to stop after at most "
        + "these, found \(until); extend the run with bulkhead resume \(run.path) --set epochs=\(until)")
  }

  /// The state of a run with more epochs; the same state where it has that number already.
  ///
  /// - Throws: `TrainingError` for fewer epochs, and where early stopping has ended the run.
  static func extended(
    _ state: TrainingState, to epochs: Int, of run: RunDirectory
  ) throws(TrainingError) -> TrainingState {
    let before = state.configuration.epochs
    guard epochs != before else { return state }
    guard (before...1_000_000).contains(epochs) else {
      throw TrainingError(
        "\(run.path): the run has \(before) epochs; expected more for --set epochs, up to 1000000, found \(epochs); stop "
          + "it earlier with --until")
    }
    guard !state.isOutOfPatience else {
      throw TrainingError(
        "\(run.path): early stopping ended the run after epoch \(state.epoch); more epochs do not continue it; start a "
          + "new run with another patience")
    }
    var result = state
    result.configuration = state.configuration.extended(to: epochs, afterStep: state.step)
    return result
  }

  /// Writes down that the run was extended, once it can go on, and says what follows.
  func recordExtension(from before: Configuration) throws {
    guard configuration != before else { return }
    try TextFile.write(YAMLText.encode(configuration), to: run.configuration)
    let (epochs, step) = (configuration.epochs, state.step)
    var text = "the run is extended from \(before.epochs) to \(epochs) epochs after step \(step)"
    let schedule = configuration.schedule
    if schedule.length == nil, schedule.kind == .cosine || schedule.kind == .polynomial {
      func rate(_ step: Int, _ epochs: Int) -> Double {
        schedule.learningRate(
          base: configuration.optimizer.learningRate, step: step, stepsPerEpoch: state.stepsPerEpoch,
          totalSteps: epochs * state.stepsPerEpoch)
      }
      text +=
        "; its schedule \(schedule.kind.rawValue) is as long as the run: from here on it is that of \(epochs) epochs, and the "
        + "learning rate is \(rate(step, epochs)) after \(rate(max(step - 1, 0), before.epochs))"
    }
    observe(.warning(text))
  }

  /// Removes the result of a run that has epochs left, as one that was extended has.
  func removeOldResult() throws {
    guard state.epoch < configuration.epochs, !state.isOutOfPatience, let result = try run.loadResult(),
      result.divergedAt == nil
    else { return }
    try FileSystem.remove(run.result)
  }
}
