package import Distribution
package import Kernels
import Tensors

/// The exchange of gradients between processes: each gets the sums over all parts, with the same bits.
///
/// What is smaller crosses: a linear layer's gradient as its factors, which all processes stack in the order of parts; a
/// large tensor in as many ranges as there are processes, each of which one process adds up for all. Both add the same
/// numbers in the order of `GradientSum`.
package struct GradientExchange {
  /// Tensors of fewer elements go to all processes whole, in one message with the factors.
  private static let smallest = 1 << 14

  private let shapes: [[Int]]
  private let order: [Int]
  private var own: [Int: [GradientSum.Node]]

  /// The exchange of what a process has.
  ///
  /// - Parameter shapes: of all parameters.
  package init(_ partial: consuming PartialGradients, shapes: [[Int]]) {
    self.shapes = shapes
    order = partial.order
    own = partial.sums.mapValues(\.nodes)
  }

  /// What the others must know before: the order of the gradients, and the form of each node.
  package var announcement: Message {
    var message = Message()
    message.add(order)
    for index in own.keys.sorted() {
      for node in own[index] ?? [] {
        message.add(index)
        message.add(node.part)
        message.add(node.pending == nil ? 0 : node.pending?.isLast == true ? 2 : 1)
        message.add(Double(node.pending?.share ?? 1))
        message.add(node.gradient.form.code)
      }
    }
    return message
  }

  /// A node that some process has.
  private struct Place {
    let rank: Int
    let index: Int
    let part: Int
    let pending: GradientSum.Node.Pending?
    let form: Gradient.Form

    func count(_ shape: [Int]) -> Int { form.counts(of: shape).reduce(0, +) }
  }

  /// The sums over all processes, in the order of one process alone: that of the last part's backward pass, then the others.
  ///
  /// - Parameter announcements: of all processes, in the order of ranks; parts are in that order too.
  package mutating func totals(
    _ announcements: [Message], by processes: some Communicator
  ) -> [(index: Int, gradient: Gradient)] {
    var order: [Int] = []
    var places: [Int: [Place]] = [:]
    for (rank, announcement) in announcements.enumerated() {
      var message = announcement
      let theirs = message.list()
      if !theirs.isEmpty { order = theirs }
      while !message.isAtEnd {
        let (index, part, kind) = (message.number(), message.number(), message.number())
        let share = Float(message.double())
        let pending = kind == 0 ? nil : GradientSum.Node.Pending(share: share, isLast: kind == 2)
        places[index, default: []].append(
          Place(rank: rank, index: index, part: part, pending: pending, form: Gradient.Form(code: message.number())))
      }
    }
    let all = order + Set(places.keys).subtracting(order).sorted()
    let large = all.filter { index in
      shapes[index].reduce(1, *) >= Self.smallest && places[index]?.allSatisfy { $0.form == .whole } ?? false
    }
    var sums = wholes(all.filter { !large.contains($0) }.flatMap { places[$0] ?? [] }, by: processes)
    var totals: [(index: Int, gradient: Gradient)] = []
    for index in all {
      if let nodes = sums.removeValue(forKey: index) {
        totals.append((index, GradientSum.total(of: nodes)))
      } else {
        totals.append((index, ranges(places[index] ?? [], by: processes)))
      }
    }
    return totals
  }

  /// The nodes of all processes, by parameter: all go to every process in one message.
  private mutating func wholes(_ places: [Place], by processes: some Communicator) -> [Int: [GradientSum.Node]] {
    var counts = [Int](repeating: 0, count: processes.size)
    for place in places { counts[place.rank] += place.count(shapes[place.index]) }
    var tensors: [Tensor] = []
    for index in places.map(\.index) where own[index] != nil {
      tensors += (own.removeValue(forKey: index) ?? []).flatMap(\.gradient.tensors)
    }
    let values = processes.gathered(Flat.joined(tensors), counts: counts)
    tensors = []
    // A process's nodes lie one after another, in the order of places.
    var starts = [Int](repeating: 0, count: processes.size)
    for rank in counts.indices.dropFirst() { starts[rank] = starts[rank - 1] + counts[rank - 1] }
    var result: [Int: [GradientSum.Node]] = [:]
    for place in places {
      let shape = shapes[place.index]
      let gradient = Gradient(place.form, of: shape, from: values, at: starts[place.rank])
      starts[place.rank] += place.count(shape)
      result[place.index, default: []].append(
        GradientSum.Node(part: place.part, gradient: gradient, pending: place.pending))
    }
    return result
  }

  /// The sum of nodes that are whole tensors: process p adds up the p-th range of all nodes and gives it to all.
  private mutating func ranges(_ places: [Place], by processes: some Communicator) -> Gradient {
    let (shape, size) = (shapes[places[0].index], processes.size)
    let count = shape.reduce(1, *)
    let bounds = (0...size).map { count * $0 / size }
    let lengths = zip(bounds, bounds.dropFirst()).map { $1 - $0 }
    let tensors = (own.removeValue(forKey: places[0].index) ?? []).flatMap(\.gradient.tensors)
    let parts = (0..<size).flatMap { rank in tensors.map { Flat.part(of: $0, from: bounds[rank], [lengths[rank]]) } }
    let nodes = (0..<size).map { rank in places.count { $0.rank == rank } }
    let length = lengths[processes.rank]
    let received = processes.exchanged(
      Flat.joined(parts), sending: lengths.map { $0 * nodes[processes.rank] }, receiving: nodes.map { $0 * length })
    let sum = GradientSum.total(
      of: places.enumerated().map { place, node in
        GradientSum.Node(
          part: node.part, gradient: .whole(Flat.part(of: received, from: place * length, [length])),
          pending: node.pending)
      })
    return .whole(processes.gathered(sum.materialized(), counts: lengths).reshaped(to: shape))
  }
}
