internal import Distribution

/// What a process says of its parts of a batch once it has walked them.
struct StepOutcome {
  /// A loss that is not finite; the parts after it were not walked.
  var divergence: (what: String, layer: String?)?
  /// Of each part.
  var walked: [(loss: Double, counts: [String: Double])]
  /// How each part moves running statistics: the parameter and the momentum.
  var moves: [(index: Int, momentum: Float)]
  /// See `GradientExchange.announcement`.
  var gradients: Message

  init(
    divergence: Divergence?, walked: [(loss: Double, counts: [String: Double])],
    moves: [(index: Int, momentum: Float)], gradients: Message
  ) {
    self.divergence = divergence.map { ($0.what, $0.layer) }
    (self.walked, self.moves, self.gradients) = (walked, moves, gradients)
  }

  /// Reads a message.
  init(_ message: Message) {
    var message = message
    if message.number() == 1 {
      let (what, layer) = (message.text(), message.text())
      divergence = (what, layer.isEmpty ? nil : layer)
    }
    walked = (0..<message.number()).map { _ in
      let loss = message.double()
      var counts: [String: Double] = [:]
      for _ in 0..<message.number() {
        let name = message.text()
        counts[name] = message.double()
      }
      return (loss, counts)
    }
    moves = (0..<message.number()).map { _ in
      let index = message.number()
      return (index, Float(message.double()))
    }
    gradients = message.message()
  }

  /// Writes the message.
  var message: Message {
    var message = Message()
    message.add(divergence == nil ? 0 : 1)
    if let divergence {
      message.add(divergence.what)
      message.add(divergence.layer ?? "")
    }
    message.add(walked.count)
    for (loss, counts) in walked {
      message.add(loss)
      message.add(counts.count)
      for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
        message.add(name)
        message.add(count)
      }
    }
    message.add(moves.count)
    for (index, momentum) in moves {
      message.add(index)
      message.add(Double(momentum))
    }
    message.add(gradients)
    return message
  }
}
