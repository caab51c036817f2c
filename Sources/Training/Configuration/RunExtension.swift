internal import Serialization

/// A change of a run's length after it began, as `resume --set epochs=` makes it.
///
/// A run with extensions is what a new run with the same configuration is, bit for bit: up to the step, lengths that are
/// those of the whole run are taken from the epochs before.
package struct RunExtension: Codable, Sendable, Equatable {
  /// Steps that were done when the run was extended.
  package var afterStep: Int
  /// The run's epochs before.
  package var epochs: Int

  /// An extension after a step of a run that had so many epochs.
  package init(afterStep step: Int, epochs: Int) { (afterStep, self.epochs) = (step, epochs) }

  /// Decodes an element of `extensions`.
  /// - Throws: `DecodingError` for a missing key or a value out of range.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    afterStep = try container.decode(Int.self, forKey: .afterStep)
    epochs = try container.decode(Int.self, forKey: .epochs)
    try container.require(afterStep >= 0, .afterStep, "expected 0 or more")
    try container.require(epochs > 0, .epochs, "expected at least 1 epoch")
  }
}

extension Configuration {
  /// The epochs of the whole run as they were known when a step, counted from 0, was made.
  func epochs(atStep step: Int) -> Int {
    (extensions ?? []).first { step < $0.afterStep }?.epochs ?? epochs
  }

  /// The configuration with more epochs from a step on.
  func extended(to epochs: Int, afterStep step: Int) -> Configuration {
    var result = self
    result.epochs = epochs
    result.extensions = (extensions ?? []) + [RunExtension(afterStep: step, epochs: self.epochs)]
    return result
  }

  /// Whether this is another configuration with more epochs, after a number of steps or more.
  func extends(_ other: Configuration, afterStep step: Int) -> Bool {
    let (all, count) = (extensions ?? [], other.extensions?.count ?? 0)
    guard all.count > count, all[count].afterStep >= step else { return false }
    var before = self
    before.epochs = all[count].epochs
    before.extensions = count == 0 ? nil : Array(all[..<count])
    return before == other
  }
}
