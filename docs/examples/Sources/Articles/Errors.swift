import Bulkhead

func handleErrors(_ run: TrainingRun) {
  // snippet
  do {
    try run.resume()
  } catch {
    switch error.kind {
    case .missing: print("start the run first: \(error.message)")
    case .locked: print("somebody else works on it: \(error.message)")
    case .diverged: print("lower the learning rate: \(error.message)")
    default: print(error.message)
    }
  }
  // end
}
