internal import Dispatch

/// What a run knows of its saves: what is on the disk, what is not yet, and when to try again.
struct Saving {
  let background = BackgroundSaver()
  /// What `last.h5` holds; nil if there is none that can be used.
  private(set) var last: TrainingState?
  /// Weights of the best epochs that are not on the disk yet.
  private(set) var bestWeights: [Save.BestWeights] = []
  /// Whether a save is wanted as soon as one can be begun.
  var isDue = false
  private var current: (state: TrainingState, epochs: [Int])?
  private var failures = 0
  private var nextTry: UInt64 = 0

  init(last: TrainingState?) { self.last = last }

  /// Whether a save can be begun now.
  var isReady: Bool { !background.isBusy && DispatchTime.now().uptimeNanoseconds >= nextTry }

  /// Takes weights that are to be saved, and lets go of those that are no longer among the best.
  mutating func add(_ weights: Save.BestWeights, keeping epochs: [Int]) {
    bestWeights.append(weights)
    bestWeights.removeAll { !epochs.contains($0.epoch) }
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

  /// Forgets what was measured after the state that a run goes back to.
  mutating func goBack(to state: TrainingState) {
    bestWeights = []
    isDue = false
    if last?.step != state.step { last = nil }
  }
}
