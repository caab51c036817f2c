import Bulkhead

func cancelAndResume(_ run: TrainingRun, _ configuration: TrainingConfiguration) async throws {
  // snippet
  let training = Task { try await run.start(configuration) }
  training.cancel()
  do {
    _ = try await training.value
  } catch let error as BulkheadError where error.kind == .cancelled {
    print(error.message)
  }
  if run.hasCheckpoint { try await run.resume() }
  // end
}

func verifyRun(_ run: TrainingRun) throws {
  // snippet
  for finding in try run.verify() where !finding.isGood { print(finding.path, finding.text) }
  let steps = try run.prove()
  print("steps \(steps.lowerBound) to \(steps.upperBound) give the same bits again")
  // end
}
