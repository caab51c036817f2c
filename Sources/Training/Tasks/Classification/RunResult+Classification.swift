extension RunResult {
  /// The share of validation samples that the best weights classify correctly; nil without validation.
  package var validationAccuracy: Double? { validation["accuracy"] }
  /// Cross-entropy of the best weights on validation samples, in nats; nil without validation, and where it is not finite.
  package var validationLoss: Double? { validation["loss"] }
}
