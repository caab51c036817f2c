internal import Training

/// What an arm costs and how it overfits, over all cells of the primary analysis.
struct ArmSummary {
  var arm: String
  /// Largest over targets, for classifiers differ with their classes.
  var parameters: Int?
  var multiplyAdds: Int?
  /// Test accuracy, pretrained.
  var accuracy: Estimate?
  /// Accuracy on training images, with what is drawn at random in training, less that on test images.
  var gap: Estimate?
  /// Of a run of fine-tuning.
  var seconds: Double?
  var peakBytes: Int?

  init(_ arm: String, results: StudyResults, size: Int?, record: inout StudyRecord) {
    self.arm = arm
    var (accuracies, gaps, times): ([Double], [Double], [Double]) = ([], [], [])
    for (question, selection) in results.selections.sorted(by: { "\($0.key)" < "\($1.key)" })
    where question.arm == arm && question.regime == .full && question.source != nil && question.size == size {
      if let cost = record.cost(of: selection.chosen.configuration) {
        parameters = max(parameters ?? 0, cost.parameters)
        multiplyAdds = max(multiplyAdds ?? 0, cost.multiplyAdds)
      }
      let run = selection.chosen.directory
      if let cost = try? RunDirectory.readJSON(RunCost.self, from: run.cost) {
        times.append(cost.seconds)
        peakBytes = max(peakBytes ?? 0, cost.peakBytes)
      }
      guard let accuracy = results.accuracies[question] else { continue }
      accuracies.append(accuracy)
      if let last = try? MetricsLog.records(in: run.metrics).last?.values["trainAccuracy"] {
        gaps.append(last - accuracy)
      }
    }
    accuracy = Estimate(accuracies)
    gap = Estimate(gaps)
    seconds = Estimate(times)?.mean
  }
}
