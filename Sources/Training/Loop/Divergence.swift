/// A loss or gradient that is not finite.
package struct Divergence: Error, Equatable, CustomStringConvertible {
  /// The step, counted from 1.
  package var step: Int
  /// The value that is not finite, such as `the loss is nan`.
  package var what: String
  /// The first layer with a value that is not finite; nil if unknown.
  package var layer: String?
  /// The samples of the batch; none in validation.
  package var samples: [Int]
  /// The step of the checkpoint that is kept; nil if there is none yet.
  package var checkpoint: Int?

  /// A divergence at a step, counted from 1.
  package init(step: Int, what: String, layer: String? = nil, samples: [Int] = [], checkpoint: Int? = nil) {
    (self.step, self.what, self.layer) = (step, what, layer)
    (self.samples, self.checkpoint) = (samples, checkpoint)
  }

  /// What happened where.
  var place: String {
    let layer = layer.map { ", first in layer \($0)" } ?? ""
    let batch = samples.isEmpty ? "" : " (samples \(samples.map(String.init).joined(separator: " ")))"
    return "step \(step): \(what)\(layer)\(batch)"
  }

  /// The message: what happened where, what is kept, and what to do.
  package var description: String {
    let kept = checkpoint.map { "the checkpoint of step \($0) is kept" } ?? "no checkpoint exists yet"
    return
      "\(place); \(kept); lower optimizer.learningRate, set optimizer.clip, or continue with onNonFinite: skip or "
      + "rollback"
  }
}
