/// What a search varies.
package struct Setting: Sendable, Hashable {
  /// The learning rate of fine-tuning.
  package var learningRate: Double
  /// The epochs of fine-tuning.
  package var epochs: Int

  /// A learning rate and a number of epochs.
  package init(learningRate: Double, epochs: Int) { (self.learningRate, self.epochs) = (learningRate, epochs) }
}
