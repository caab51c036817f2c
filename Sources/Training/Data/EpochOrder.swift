internal import Tensors

/// The images of an epoch in order: every image once, or as many images with equal shares of all classes.
///
/// An epoch is a function of the seed and its number alone.
struct EpochOrder: Sendable {
  /// An image of the epoch.
  struct Draw: Sendable, Equatable {
    /// The image's place among those that are trained on.
    let place: Int
    /// How often the image came before in the epoch.
    let repetition: Int
  }

  /// Images per epoch.
  let count: Int
  let seed: UInt64
  /// The places of each class's images, for balanced sampling; nil takes every image once.
  let classes: [[Int]]?

  /// The images of an epoch, counted from 0.
  func draws(ofEpoch epoch: Int) -> [Draw] {
    guard let classes else {
      var stream = RandomStream(seed: seed, keys: RandomStream.key("order"), UInt64(epoch))
      return stream.permutation(of: count).map { Draw(place: $0, repetition: 0) }
    }
    var stream = RandomStream(seed: seed, keys: RandomStream.key("balance"), UInt64(epoch))
    let present = classes.filter { !$0.isEmpty }
    var draws: [Draw] = []
    // Where the classes do not divide the epoch, others get one image more in each epoch.
    for (rank, index) in stream.permutation(of: present.count).enumerated() {
      var left = count / present.count + (rank < count % present.count ? 1 : 0)
      var repetition = 0
      while left > 0 {
        // Every image of the class once before any comes again.
        let round = stream.permutation(of: present[index].count).prefix(left)
        draws += round.map { Draw(place: present[index][$0], repetition: repetition) }
        (left, repetition) = (left - round.count, repetition + 1)
      }
    }
    return stream.permutation(of: draws.count).map { draws[$0] }
  }
}
