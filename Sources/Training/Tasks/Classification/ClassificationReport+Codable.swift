internal import Statistics

extension ClassificationReport: Codable {
  private enum CodingKeys: String, CodingKey {
    case samples, correct, sharedCorrect, loss, withoutPrediction, classes, outputs, confusion, reliability
    case matching, calibration, topFive
    case balancedAccuracy, macroF1, top5Accuracy
    case accuracy, accuracyInterval, sharedAccuracy, sharedAccuracyInterval, worstClass, calibrationError
  }

  /// Decodes the counts; what follows from them is computed again.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    samples = try container.decode(Int.self, forKey: .samples)
    correct = try container.decode(Int.self, forKey: .correct)
    sharedCorrect = try container.decodeIfPresent(Int.self, forKey: .sharedCorrect) ?? correct
    topFive = try container.decodeIfPresent(Int.self, forKey: .topFive)
    loss = try container.decodeIfPresent(Double.self, forKey: .loss)
    withoutPrediction = try container.decode(Int.self, forKey: .withoutPrediction)
    classes = try container.decode([ClassResult].self, forKey: .classes)
    outputs = try container.decodeIfPresent([String].self, forKey: .outputs) ?? classes.map(\.name)
    confusion = try container.decode([[Int]].self, forKey: .confusion)
    reliability = try container.decode([Bin].self, forKey: .reliability)
    matching = try container.decodeIfPresent(ClassMatching.self, forKey: .matching)
    calibration = try container.decodeIfPresent(Calibration.self, forKey: .calibration)
  }

  /// Encodes the counts and what follows from them, for readers of the JSON.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(samples, forKey: .samples)
    try container.encode(correct, forKey: .correct)
    try container.encode(accuracy, forKey: .accuracy)
    try container.encode(accuracyInterval, forKey: .accuracyInterval)
    try container.encode(sharedCorrect, forKey: .sharedCorrect)
    try container.encode(sharedAccuracy, forKey: .sharedAccuracy)
    try container.encode(sharedAccuracyInterval, forKey: .sharedAccuracyInterval)
    try container.encodeIfPresent(balancedAccuracy, forKey: .balancedAccuracy)
    try container.encodeIfPresent(macroF1, forKey: .macroF1)
    try container.encodeIfPresent(topFive, forKey: .topFive)
    try container.encodeIfPresent(top5Accuracy, forKey: .top5Accuracy)
    try container.encode(loss, forKey: .loss)
    try container.encode(calibrationError, forKey: .calibrationError)
    try container.encode(worstClass?.name, forKey: .worstClass)
    try container.encode(withoutPrediction, forKey: .withoutPrediction)
    try container.encode(classes, forKey: .classes)
    try container.encode(outputs, forKey: .outputs)
    try container.encode(confusion, forKey: .confusion)
    try container.encode(reliability, forKey: .reliability)
    try container.encodeIfPresent(matching, forKey: .matching)
    try container.encodeIfPresent(calibration, forKey: .calibration)
  }
}

extension ClassificationReport.ClassResult: Codable {
  private enum CodingKeys: String, CodingKey { case name, output, samples, correct, accuracy, accuracyInterval }

  /// Decodes the counts.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try container.decode(String.self, forKey: .name),
      output: try container.decodeIfPresent(String.self, forKey: .output),
      samples: try container.decode(Int.self, forKey: .samples),
      correct: try container.decode(Int.self, forKey: .correct))
  }

  /// Encodes the counts and what follows from them.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    if output != name { try container.encode(output, forKey: .output) }
    try container.encode(samples, forKey: .samples)
    try container.encode(correct, forKey: .correct)
    try container.encodeIfPresent(accuracy, forKey: .accuracy)
    try container.encodeIfPresent(accuracyInterval, forKey: .accuracyInterval)
  }
}
