internal import Support

/// The order in which a map's cells become the rows of the fully connected layer after its flattening.
package enum FlattenOrder: String, Sendable, CaseIterable, Codable {
  /// row = (y·W + x)·C + c: Keras's, and ours.
  case hwc
  /// row = c·H·W + y·W + x: Caffe's and torch's.
  case chw
}

/// The extents of a map that is flattened into the rows of a fully connected layer.
package struct FlattenedMap: Sendable, Equatable, CustomStringConvertible {
  /// Height in feature cells.
  package let height: Int
  /// Width in feature cells.
  package let width: Int
  /// The number of channels.
  package let channels: Int

  /// A map of height × width cells and so many channels.
  package init(height: Int, width: Int, channels: Int) {
    (self.height, self.width, self.channels) = (height, width, channels)
  }

  /// Reads `7x7x512`: height, width, channels; `nil` for anything else.
  package init?(_ text: String) {
    let numbers = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 3, let height = numbers[0], let width = numbers[1], let channels = numbers[2],
      [height, width, channels].allSatisfy({ (1...1 << 20).contains($0) })
    else { return nil }
    self.init(height: height, width: width, channels: channels)
  }

  /// Height, width and channels, as `7x7x512`.
  package var description: String { "\(height)x\(width)x\(channels)" }

  /// The number of rows.
  package var count: Int { height * width * channels }

  /// The row in (y, x, c) order of each row in (c, y, x) order.
  var targets: [Int] {
    var targets: [Int] = []
    targets.reserveCapacity(count)
    for channel in 0..<channels {
      for cell in 0..<height * width { targets.append(cell * channels + channel) }
    }
    return targets
  }
}

extension [String: FlattenedMap] {
  /// The map that the rows of a layer's weight come from; `nil` where it follows no flattening.
  ///
  /// - Throws: `FileError` where the map has another number of cells than the weight rows.
  func map(ofLayer layer: String, rows: Int, path: String) throws(FileError) -> FlattenedMap? {
    guard let map = self[layer] else { return nil }
    guard map.count == rows else {
      throw FileError(
        what: "the layer \(layer) has \(rows) rows, and a map of \(map) has \(map.count) cells", path: path,
        action: "give the height, width and channels of the map before \(layer)")
    }
    return map
  }
}
