internal import Tensors

/// The layout of a tensor in a file, relative to ours: convolution `[height, width, in, out]`, linear `[in, out]`.
enum Arrangement: Sendable, Equatable {
  /// As ours.
  case same
  /// Linear `[out, in]`, of Caffe, torch and ONNX; leading extents of 1 do not count.
  case transposed
  /// Convolution `[out, in, height, width]`; mirrored where it was made for a true convolution, as Theano's.
  case kernel(isMirrored: Bool)
  /// Convolution `[height, width, in, out]`, mirrored.
  case mirrored
  /// Depthwise convolution `[height, width, channels, multiplier]`, of Keras: ours of as many groups as channels, whose
  /// outputs lie in the same order.
  case depthwise

  /// Our shape of a tensor that has this one in the file.
  func shape(of stored: [Int]) -> [Int] {
    switch self {
    case .same, .mirrored: stored
    case .transposed: stored.suffix(2).reversed()
    case .kernel: [stored[2], stored[3], stored[1], stored[0]]
    case .depthwise: [stored[0], stored[1], 1, stored[2] * stored[3]]
    }
  }

  /// The shape in the file of a tensor that has this one here.
  func storedShape(of shape: [Int]) -> [Int] {
    switch self {
    case .same, .mirrored, .depthwise: shape
    case .transposed: shape.reversed()
    case .kernel: [shape[3], shape[2], shape[0], shape[1]]
    }
  }

  /// Whether outputs come first in the file.
  var hasOutputsFirst: Bool {
    switch self {
    case .same, .mirrored, .depthwise: false
    case .transposed, .kernel: true
    }
  }

  /// Where each row of the file, all axes but the outputs, lies in ours; nil if the order is the same.
  ///
  /// - Parameters:
  ///   - shape: our shape.
  ///   - map: the flattened map of a linear layer whose rows are in (c, y, x) order.
  func targets(for shape: [Int], map: FlattenedMap?) -> [Int]? {
    switch self {
    case .same, .transposed: return map?.targets
    case .depthwise: return nil
    case .kernel(let isMirrored):
      let targets = FlattenedMap(height: shape[0], width: shape[1], channels: shape[2]).targets
      return isMirrored ? targets.map { Self.mirror($0, shape) } : targets
    case .mirrored: return (0..<shape.dropLast().reduce(1, *)).map { Self.mirror($0, shape) }
    }
  }

  /// The row of a kernel with both axes reversed.
  private static func mirror(_ row: Int, _ shape: [Int]) -> Int {
    let (cell, channel) = row.quotientAndRemainder(dividingBy: shape[2])
    return (shape[0] * shape[1] - 1 - cell) * shape[2] + channel
  }
}

extension Tensor {
  /// Puts values that follow each other in a file from an element on to their places.
  ///
  /// - Parameters:
  ///   - block: whole rows or, where outputs come first, everything of some outputs.
  ///   - start: position of the block's first element in the file.
  mutating func place(_ block: [Float], from start: Int, hasOutputsFirst: Bool, targets: [Int]?) {
    guard let outputs = shape.last, !block.isEmpty else { return }
    let rows = count / outputs
    withMutableSpan { values in
      let block = block.span
      guard hasOutputsFirst else {
        for index in block.indices {
          let (row, output) = (start + index).quotientAndRemainder(dividingBy: outputs)
          values[(targets?[row] ?? row) * outputs + output] = block[index]
        }
        return
      }
      let first = start / rows
      let count = block.count / rows
      // A few outputs at a time, so that the lines of the block stay in the cache.
      for tile in stride(from: 0, to: count, by: 16) {
        let end = min(tile + 16, count)
        for row in 0..<rows {
          let base = (targets?[row] ?? row) * outputs + first
          for output in tile..<end { values[base + output] = block[output * rows + row] }
        }
      }
    }
  }

  /// Everything of some outputs, outputs first, as a file has it; the opposite of `place`.
  func outputsFirst(_ range: Range<Int>, targets: [Int]?) -> Tensor {
    let outputs = shape.last ?? 1
    let rows = count / outputs
    var result = Tensor(uninitialized: [range.count, rows])
    result.withMutableSpan { stored in
      withSpan { values in
        for tile in stride(from: 0, to: range.count, by: 16) {
          let end = min(tile + 16, range.count)
          for row in 0..<rows {
            let base = (targets?[row] ?? row) * outputs + range.lowerBound
            for output in tile..<end { stored[output * rows + row] = values[base + output] }
          }
        }
      }
    }
    return result
  }

  /// Multiplies every element.
  mutating func scale(by factor: Float) {
    withMutableSpan { values in
      for index in values.indices { values[index] *= factor }
    }
  }
}
