package import Tensors

/// The extents of a batch of maps that lie one after another in one tensor `[positions, channels]`.
///
/// A batch can thus hold images of different sizes; if all have one size, its memory is that of `[N, H, W, C]`.
package struct Extents: Sendable, Equatable {
  /// The extent of each map, in positions.
  package let maps: [Extent]
  /// The index of each map's first position, then the number of all positions.
  package let starts: [Int]

  /// The number of maps.
  package var count: Int { maps.count }
  /// The number of positions of all maps: the rows of `[positions, channels]`.
  package var positionCount: Int { starts.last! }

  /// Maps of these extents.
  package init(_ maps: [Extent]) {
    self.maps = maps
    var starts = [0]
    starts.reserveCapacity(maps.count + 1)
    for map in maps { starts.append(starts.last! + map.area) }
    self.starts = starts
  }

  /// `count` maps of the same extent.
  package init(count: Int, height: Int, width: Int) {
    self.init(Array(repeating: Extent(height: height, width: width), count: count))
  }

  /// The positions of a map, as rows of `[positions, channels]`.
  package func range(_ map: Int) -> Range<Int> { starts[map]..<starts[map + 1] }

  /// The extent of all maps; `nil` if they differ or there are none.
  package var common: Extent? {
    guard let first = maps.first, maps.allSatisfy({ $0 == first }) else { return nil }
    return first
  }
}
