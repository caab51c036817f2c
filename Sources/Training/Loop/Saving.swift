internal import Dispatch
internal import Tensors

/// What a run knows of its saves: what is on the disk, what is not yet, and when to try again.
struct Saving {
  let background = BackgroundSaver()
  /// What `last.h5` holds; nil if there is none that can be used.
  private(set) var last: TrainingState?
  /// Weights of the best epochs that are not on the disk yet.
  private(set) var bestWeights: [Save.BestWeights] = []
  /// Whether a save is wanted as soon as one can be begun.
  var isDue = false
  /// Makes the memory of `snapshot` ahead of its first use.
  private var memory: Prefetcher<Snapshot>?
  /// What saves work on; nil before the first.
  private var snapshot: Snapshot?
  private var current: (state: TrainingState, epochs: [Int])?
  private var failures = 0
  private var nextTry: UInt64 = 0

  init(last: TrainingState?) { self.last = last }

  /// Whether a save can be begun now.
  var isReady: Bool { !background.isBusy && DispatchTime.now().uptimeNanoseconds >= nextTry }

  /// Copies an epoch's weights for the next save, and lets go of those that are no longer among the best.
  mutating func add(_ parameters: Parameters, ofEpoch epoch: Int, state: String, keeping epochs: [Int]) throws {
    bestWeights.removeAll { !epochs.contains($0.epoch) }
    var snapshot = try warmSnapshot()
    let copy = snapshot.takeBest(parameters)
    self.snapshot = snapshot
    bestWeights.append(Save.BestWeights(epoch: epoch, parameters: copy, state: state))
  }

  /// Copies a state for a save.
  mutating func take(_ parameters: Parameters, _ velocities: Parameters) throws -> Snapshot {
    var snapshot = try warmSnapshot()
    snapshot.take(parameters, velocities)
    self.snapshot = snapshot
    return snapshot
  }

  /// The memory for copies, which is nobody else's until it is put back.
  private mutating func warmSnapshot() throws -> Snapshot {
    if let ready = snapshot {
      snapshot = nil
      return ready
    }
    guard let memory else { preconditionFailure("Saving: no memory for copies") }
    return try memory.next()
  }

  mutating func begin(_ save: Save, of state: TrainingState) {
    current = (state, save.bestWeights.map(\.epoch))
    isDue = false
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
    (current, isDue, failures) = (nil, true, failures + 1)
    nextTry = DispatchTime.now().uptimeNanoseconds + UInt64(pause) * 1_000_000_000
    return pause
  }

  /// Has the memory for copies made while the run begins.
  mutating func begin(for parameters: Parameters, trained: Set<String>) {
    // Shapes alone: another reference to a tensor would have its next change copy it.
    let shapes = parameters.map { ($0.name, $0.tensor.shape) }
    memory = Prefetcher(0..<1) { _ in Snapshot(shapes, trained: trained) }
  }

  /// Gives the memory for copies back.
  mutating func end() {
    memory?.stop()
    (memory, snapshot) = (nil, nil)
  }

  /// Forgets what was measured after the state that a run goes back to.
  mutating func goBack(to state: TrainingState) {
    bestWeights = []
    isDue = false
    if last?.step != state.step { last = nil }
  }
}
