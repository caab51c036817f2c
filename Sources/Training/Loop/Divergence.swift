/// A run whose loss is no longer a number; its last checkpoint is kept, and its result says that it diverged.
package struct Divergence: Error, Equatable, CustomStringConvertible {
  /// The step whose loss was not finite, counted from 1.
  package var step: Int
  package var loss: Double
  package var samples: [Int]

  package init(step: Int, loss: Double, samples: [Int]) { (self.step, self.loss, self.samples) = (step, loss, samples) }

  package var description: String {
    "the loss is \(loss) at step \(step) (samples \(samples.map(String.init).joined(separator: " "))); "
      + "the last checkpoint is kept; lower optimizer.rate or set optimizer.clip"
  }
}
