internal import Dispatch
internal import Foundation
internal import Support
internal import Tensors
internal import Weights

/// Manages a run's checkpoints: when one is due, saving in the background, retries, which are kept, the
/// newest usable one, and rollback.
///
/// The files are `last.h5`, `step-N.h5`, `best.h5` and `best-epoch-N.h5`. A save never makes the run wait longer than it
/// takes to copy what is trained, except at its end.
struct CheckpointManager {
  /// Where the files lie.
  let run: RunDirectory
  /// The state in `last.h5`; nil if there is no usable checkpoint.
  private(set) var last: TrainingState?
  private let observe: (TrainingEvent) -> Void
  private let job = BackgroundJob()
  /// Weights of the best epochs that are not on the disk yet.
  private var bestWeights: [BestWeights] = []
  /// The step at which the pending save came due; nil if none is pending.
  private var due: Int?
  /// Allocates memory for a copy ahead of its save.
  private var snapshots: Prefetcher<Snapshot, Never>?
  private var current: (state: TrainingState, epochs: [Int])?
  private var failures = 0
  private var nextTry: UInt64 = 0

  /// Steps before a save at which memory for its copy is allocated.
  ///
  /// Making fresh pages takes several times as long as copying into them; a step reads and writes the whole state too.
  private static let lead = 8
  /// Tries to save at an end.
  private static let lastTries = 3

  /// - Parameter last: what `last.h5` holds; nil if there is none that can be used.
  init(_ run: RunDirectory, last: TrainingState?, observe: @escaping (TrainingEvent) -> Void) {
    (self.run, self.last, self.observe) = (run, last, observe)
  }

  // MARK: Saving

  /// Has the weights of an epoch that has ended written by a save that is due now, and lets go of those that are no
  /// longer among the best.
  mutating func keepBest(_ parameters: Parameters, of state: TrainingState) throws {
    let epochs = state.kept.map(\.epoch)
    bestWeights.removeAll { !epochs.contains($0.epoch) }
    bestWeights.append(BestWeights(epoch: state.epoch, parameters: parameters, state: try state.json))
    due = state.step
  }

  /// Forgets the best weights that are not on the disk.
  mutating func forgetBest() { (bestWeights, due) = ([], nil) }

  /// Begins a save if one is due and none is under way; a step that is due while one is waits for its end.
  ///
  /// - Parameters:
  ///   - state: of the run now; the rollback target is noted in it at a regular checkpoint.
  ///   - contents: lends what is saved; asked for only where it is.
  mutating func saveIfDue(
    _ state: inout TrainingState, _ log: MetricsLog, contents: (TrainingState) -> TrainedContents
  ) {
    let configuration = state.configuration
    if configuration.checkpoint.isDue(atStep: state.step, stepsPerEpoch: state.stepsPerEpoch) {
      due = state.step
      if configuration.onNonFinite == .rollback {
        // Rollback must be deterministic, so exactly this step's state must be saved.
        state.anchoredEpochs = state.kept.map(\.epoch)
        finish()
      }
    }
    if let outcome = job.outcomeIfEnded() { take(outcome) }
    // A late save waits for memory, so that the run need not.
    if let due, isReady, due == state.step || snapshots?.hasNext ?? false {
      do { try begin(copy(contents(state)), log) } catch { take(.failure(error)) }
    }
    let intervals = [state.stepsPerEpoch, configuration.checkpoint.everySteps ?? .max]
    let isNear = due != nil || intervals.contains { $0 - state.step % $0 <= Self.lead }
    if isNear, !job.isBusy { makeRoom(for: contents(state)) } else { discardRoom() }
  }

  /// Saves the state unless it is saved already, and returns when it is on the disk.
  ///
  /// - Throws: `FileError` if it cannot be saved, after some tries.
  mutating func saveAndWait(_ contents: TrainedContents, _ log: MetricsLog) throws {
    finish()
    guard last != contents.state else { return }
    for attempt in 1... {
      // The run waits, so nothing need be copied.
      var outcome = Result<Void, any Error>.success(())
      do { try begin(contents, log) } catch { outcome = .failure(error) }
      if case .success = outcome { outcome = job.wait() ?? .success(()) }
      if attempt == Self.lastTries, case .failure(let error) = outcome { throw error }
      guard let pause = take(outcome) else { return }
      Thread.sleep(forTimeInterval: Double(pause))
    }
  }

  /// Waits for the save in progress, if any.
  mutating func finish() {
    if let outcome = job.wait() { take(outcome) }
  }

  /// Ends with the run: waits for the save in progress and frees its memory.
  mutating func close() {
    _ = job.wait()
    discardRoom()
  }

  /// Whether a save can start now.
  private var isReady: Bool { !job.isBusy && DispatchTime.now().uptimeNanoseconds >= nextTry }

  private mutating func begin(_ contents: TrainedContents, _ log: MetricsLog) throws {
    try log.write()
    let state = contents.state
    let write = CheckpointWrite(
      run: run, step: state.step,
      checkpoint: Checkpoint(
        parameters: contents.parameters, optimizer: contents.optimizer, state: try state.json),
      bestWeights: bestWeights, bestEpoch: state.best?.epoch, retention: Retention(of: state), previous: last?.step)
    current = (state, bestWeights.map(\.epoch))
    due = nil
    job.begin { try write() }
  }

  /// Records how a save ended.
  /// - Returns: seconds until the next try, if it failed: 1, then twice as many each time, up to 64.
  @discardableResult
  private mutating func take(_ outcome: Result<Void, any Error>) -> Int? {
    switch outcome {
    case .success:
      if let (state, epochs) = current {
        last = state
        bestWeights.removeAll { epochs.contains($0.epoch) }
        (current, failures, nextTry) = (nil, 0, 0)
      }
      observe(.saved(path: run.last, step: last?.step ?? 0))
      return nil
    case .failure(let error):
      let pause = 1 << min(failures, 6)
      (current, due, failures) = (nil, current?.state.step ?? due, failures + 1)
      nextTry = DispatchTime.now().uptimeNanoseconds + UInt64(pause) * 1_000_000_000
      let kept = last.map { "the checkpoint of step \($0.step) is kept" } ?? "no checkpoint exists yet"
      observe(.warning("the state cannot be saved: \(error); \(kept), the next try is in \(pause) s"))
      return pause
    }
  }

  // MARK: The copy that a save works on

  /// Starts to allocate memory for a copy, unless that was started.
  private mutating func makeRoom(for contents: TrainedContents) {
    guard snapshots == nil else { return }
    // Shapes alone: another reference to a tensor would have its next change copy it.
    let (shapes, optimizer, trained) = (contents.parameters.shapes, contents.optimizer.shapes, contents.trained)
    snapshots = Prefetcher(0..<1) { _ in Snapshot(shapes, optimizer: optimizer, trained: trained) }
  }

  private mutating func discardRoom() {
    snapshots?.stop()
    snapshots = nil
  }

  /// Copies a state for a save that the run does not wait for; best weights of the same step share the copy.
  private mutating func copy(_ contents: TrainedContents) -> TrainedContents {
    makeRoom(for: contents)
    defer { discardRoom() }
    guard var snapshot = snapshots?.next() else { preconditionFailure("CheckpointManager: no memory for a copy") }
    snapshot.take(contents.parameters, contents.optimizer)
    let state = contents.state
    for index in bestWeights.indices where bestWeights[index].epoch * state.stepsPerEpoch == state.step {
      bestWeights[index].parameters = snapshot.parameters
    }
    return TrainedContents(
      state: state, parameters: snapshot.parameters, optimizer: snapshot.optimizer, trained: contents.trained)
  }

  // MARK: Rollback

  /// The regular checkpoint that a run rolls back to after a value that is not finite; later ones are removed.
  ///
  /// - Returns: nil where it is not there.
  /// - Throws: `FileError` where a later checkpoint cannot be removed.
  mutating func goBack(to anchor: Int) throws -> VerifiedCheckpoint? {
    for path in run.checkpoints {
      guard let found = try? VerifiedCheckpoint(path, of: run), found.state.step == anchor,
        !found.state.isBetweenEpochs
      else { continue }
      forgetBest()
      if last?.step != anchor { last = nil }
      if path != run.last { try FileSystem.remove(run.last) }
      for later in run.numbered("step-") where later > anchor { try FileSystem.remove(run.checkpoint(ofStep: later)) }
      if let best = found.state.best { try FileSystem.copy(run.best(ofEpoch: best.epoch), to: run.best) }
      return found
    }
    return nil
  }
}
