package import Kernels

/// The sum of one parameter's gradients over the parts of a batch, added in a fixed binary tree.
///
/// The node of the parts [i·2ᵏ, (i + 1)·2ᵏ) is the sum of its two halves, the first plus the second, and parts without a
/// gradient are left out. So the sum depends on the parts alone, and not on which process has walked them. Any
/// consecutive parts are held as at most two nodes for each level of the tree.
package struct GradientSum: Sendable {
  /// The sum of some consecutive parts.
  package struct Node: Sendable {
    /// One of its parts.
    package var part: Int
    /// The sum, or the gradient of a part that is not scaled yet.
    package var gradient: Gradient
    /// What a part's gradient is still to be multiplied by; nil if it is done.
    package var pending: Pending?

    /// A part's gradient that is scaled as it is added to the part before it.
    package struct Pending: Sendable, Equatable {
      /// The part's share of the batch.
      package var share: Float
      /// Whether the part is the last one of its batch.
      package var isLast: Bool

      /// A share of a batch.
      package init(share: Float, isLast: Bool) { (self.share, self.isLast) = (share, isLast) }
    }

    /// A node.
    package init(part: Int, gradient: Gradient, pending: Pending?) {
      (self.part, self.gradient, self.pending) = (part, gradient, pending)
    }

    /// Scales the gradient of a part that no other is added to at once.
    fileprivate mutating func settle() {
      guard let pending else { return }
      gradient = gradient.scaled(by: pending.share).compact()
      self.pending = nil
    }
  }

  /// What is not added up yet, in the order of parts.
  package private(set) var nodes: [Node] = []
  private let first: Int

  /// A sum without parts.
  ///
  /// - Parameter first: the first part that is added here; those before it are added elsewhere.
  package init(from first: Int = 0) { self.first = first }

  /// Adds the gradient of a part, after those of earlier parts, times its share of the batch.
  package mutating func add(_ gradient: Gradient, of part: Int, share: Float, isLast: Bool) {
    fold(before: part)
    var node = Node(part: part, gradient: gradient, pending: .init(share: share, isLast: isLast))
    // A part with an even number is never added at once, unless it is the last.
    if part.isMultiple(of: 2), !isLast { node.settle() }
    nodes.append(node)
    fold(before: isLast ? .max : part + 1)
  }

  /// The whole sum; traps without a part.
  package mutating func total() -> Gradient {
    while nodes.count > 1 { addUpLastTwo() }
    var node = nodes.removeLast()
    if let pending = node.pending, pending.isLast { return node.gradient.scaled(by: pending.share) }
    node.settle()
    return node.gradient
  }

  /// The sum of nodes that were added up in several places, in the order of parts.
  package static func total(of nodes: [Node]) -> Gradient {
    var sum = GradientSum()
    for node in nodes {
      while let (start, upper) = sum.lastTwo, level(start, upper) < level(upper, node.part) { sum.addUpLastTwo() }
      sum.nodes.append(node)
    }
    return sum.total()
  }

  /// Adds up what no part before `end` that is still to come, or that is added elsewhere, can belong to.
  private mutating func fold(before end: Int) {
    while let (lower, upper) = lastTwo {
      let level = Self.level(lower, upper)
      guard (lower >> level) << level >= first, end == .max || (upper >> level + 1) << level <= end else { return }
      addUpLastTwo()
    }
  }

  private var lastTwo: (Int, Int)? {
    nodes.count < 2 ? nil : (nodes[nodes.count - 2].part, nodes[nodes.count - 1].part)
  }

  /// The level of the smallest node that two parts belong to.
  private static func level(_ lower: Int, _ upper: Int) -> Int { Int.bitWidth - (lower ^ upper).leadingZeroBitCount }

  private mutating func addUpLastTwo() {
    var upper = nodes.removeLast()
    let last = nodes.count - 1
    nodes[last].settle()
    if let pending = upper.pending {
      // One process alone adds a part at once if it is the last, or completes a node.
      let level = Self.level(nodes[last].part, upper.part)
      if pending.isLast || (upper.part >> level + 1) << level == upper.part + 1 {
        nodes[last].gradient.add(upper.gradient, times: pending.share)
        return
      }
      upper.settle()
    }
    nodes[last].gradient.add(upper.gradient)
  }
}
