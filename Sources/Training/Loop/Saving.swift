internal import Dispatch
internal import Tensors

/// What a run knows of its saves: what is on the disk, what is not yet, and when to try again.
struct Saving {
  let background = BackgroundSaver()
  /// What `last.h5` holds; nil if there is none that can be used.
  private(set) var last: TrainingState?
  /// Weights of the best epochs that are not on the disk yet.
  private(set) var bestWeights: [Save.BestWeights] = []
  /// The step at which the save that is wanted came due; nil if none is.
  var due: Int?
  /// Makes room for a copy ahead of the save that wants it.
  private var room: Prefetcher<Snapshot>?
  private var current: (state: TrainingState, epochs: [Int])?
  private var failures = 0
  private var nextTry: UInt64 = 0

  init(last: TrainingState?) { self.last = last }

  /// Whether a save can be begun now.
  var isReady: Bool { !background.isBusy && DispatchTime.now().uptimeNanoseconds >= nextTry }

  /// Has the weights of an epoch that has ended written by a save that is due now, and lets go of those that are no longer
  /// among the best.
  mutating func add(_ parameters: Parameters, of state: TrainingState) throws {
    let epochs = state.kept.map(\.epoch)
    bestWeights.removeAll { !epochs.contains($0.epoch) }
    bestWeights.append(Save.BestWeights(epoch: state.epoch, parameters: parameters, state: try state.json))
    due = state.step
  }

  /// Steps before a save at which room for its copy is made.
  ///
  /// To make fresh pages takes some times as long as to copy into them; a step reads and writes the whole state too.
  static let lead = 8

  /// Whether there is room for a copy.
  var hasRoom: Bool { room?.hasNext ?? false }

  /// Begins to make room for a copy, unless that was begun.
  mutating func makeRoom(for parameters: Parameters, _ optimizer: Parameters, trained: Set<String>) {
    guard room == nil else { return }
    // Shapes alone: another reference to a tensor would have its next change copy it.
    let (shapes, others) = (parameters.shapes, optimizer.shapes)
    room = Prefetcher(0..<1) { _ in Snapshot(shapes, optimizer: others, trained: trained) }
  }

  /// Gives the room back.
  mutating func discardRoom() {
    room?.stop()
    room = nil
  }

  /// Copies a state for a save that the run does not wait for; best weights of the same step share the copy.
  mutating func copy(
    _ state: TrainingState, _ parameters: Parameters, _ optimizer: Parameters, trained: Set<String>
  ) throws -> Snapshot {
    makeRoom(for: parameters, optimizer, trained: trained)
    defer { discardRoom() }
    guard var snapshot = try room?.next() else { preconditionFailure("Saving: no room for a copy") }
    snapshot.take(parameters, optimizer)
    for index in bestWeights.indices where bestWeights[index].epoch * state.stepsPerEpoch == state.step {
      bestWeights[index].parameters = snapshot.parameters
    }
    return snapshot
  }

  mutating func begin(_ save: Save, of state: TrainingState) {
    current = (state, save.bestWeights.map(\.epoch))
    due = nil
    background.begin(save)
  }

  /// Takes note of a save that ended well.
  mutating func succeed() {
    guard let (state, epochs) = current else { return }
    last = state
    bestWeights.removeAll { epochs.contains($0.epoch) }
    (current, failures, nextTry) = (nil, 0, 0)
  }

  /// Takes note of a save that failed.
  /// - Returns: seconds until the next try: 1, then twice as many each time, up to 64.
  mutating func fail() -> Int {
    let pause = 1 << min(failures, 6)
    (current, due, failures) = (nil, current?.state.step ?? due, failures + 1)
    nextTry = DispatchTime.now().uptimeNanoseconds + UInt64(pause) * 1_000_000_000
    return pause
  }

  /// Forgets the best weights that are not on the disk.
  mutating func forgetBest() { (bestWeights, due) = ([], nil) }

  /// Forgets what was measured after the state that a run goes back to.
  mutating func goBack(to state: TrainingState) {
    forgetBest()
    if last?.step != state.step { last = nil }
  }
}
