import Bulkhead

func evaluateRun(_ run: TrainingRun) throws {
  // snippet
  let evaluations = try run.evaluate(on: ["photos.h5", "sketches.h5"], split: .test, weights: .best)
  for evaluation in evaluations {
    let interval = evaluation.accuracyInterval ?? 0...1
    print("\(evaluation.name): \(evaluation.accuracy), \(interval.lowerBound) to \(interval.upperBound)")
    if let worst = evaluation.worstClass { print("worst class: \(worst.name)") }
    for prediction in evaluation.predictions where !prediction.isCorrect {
      print("image \(prediction.image): \(prediction.label), predicted \(prediction.predicted ?? "nothing")")
    }
    switch evaluation.drop {
    case .points(let points): print("\(points) percentage points below the source")
    case .none(let reason): print("no drop: \(reason)")
    }
  }
  // end
}

func lookAtRun(_ run: TrainingRun) throws {
  // snippet
  try run.writePage()
  var page = RunPage()
  page.dataset = "sketches.h5"
  page.file = "sketches.html"
  try run.writePage(page)
  // end
}

func evaluateWeights() throws {
  // snippet
  var configuration = TrainingConfiguration(dataset: "photos.h5")
  configuration.network = try NetworkModel(opening: "model.h5")
  configuration.weights = "model.h5"
  let evaluation = try configuration.evaluate()[0]
  print(evaluation.text)
  // end
}
