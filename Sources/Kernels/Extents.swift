package import Tensors

/// The extents of a batch of maps that lie one after another in one tensor `[cells, channels]`.
///
/// Images of different sizes share a batch this way; when all are alike the memory is that of `[N, H, W, C]`.
package struct Extents: Sendable, Equatable {
  package let maps: [Extent]
  /// The first cell of each map, and at the end the number of all cells.
  package let starts: [Int]

  package var count: Int { maps.count }
  package var cells: Int { starts.last! }

  package init(_ maps: [Extent]) {
    self.maps = maps
    var starts = [0]
    starts.reserveCapacity(maps.count + 1)
    for map in maps { starts.append(starts.last! + map.cells) }
    self.starts = starts
  }

  /// `count` maps of the same extent.
  package init(count: Int, height: Int, width: Int) {
    self.init(Array(repeating: Extent(height: height, width: width), count: count))
  }

  /// The cells of a map.
  package func range(_ map: Int) -> Range<Int> { starts[map]..<starts[map + 1] }

  /// The one extent that all maps have, if they do.
  package var common: Extent? {
    guard let first = maps.first, maps.allSatisfy({ $0 == first }) else { return nil }
    return first
  }
}
