import Kernels

extension LayerDescription: Codable {
  /// The kinds as they are written.
  private enum Kind: String, Codable, CaseIterable {
    case convolution
    case batchNormalisation = "batch-normalisation"
    case relu
    case maximumPooling = "maximum-pooling"
    case averagePooling = "average-pooling"
    case roiPool = "roi-pool"
    case globalAveragePooling = "global-average-pooling"
    case averageMaximumPooling = "average-maximum-pooling"
    case unitLength = "unit-length"
    case flatten, linear, dropout, residual
  }

  private enum CodingKeys: String, CodingKey {
    case kind, name, outputs, kernel, stride, padding, bias, deviation, epsilon, momentum, size, grid, rate, layers
    case shortcut
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let kind = try values.decode(Kind.self, forKey: .kind)
    name = try values.decode(String.self, forKey: .name)
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty && !$0.contains { $0 == "*" || $0 == "?" } }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .name, in: values, debugDescription: "expected a path such as features.conv1, without * and ?")
    }
    func whole(_ key: CodingKeys, _ range: ClosedRange<Int>, or fallback: Int? = nil) throws -> Int {
      let value =
        if let fallback { try values.decodeIfPresent(Int.self, forKey: key) ?? fallback } else {
          try values.decode(Int.self, forKey: key)
        }
      guard range.contains(value) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values,
          debugDescription: "expected \(range.lowerBound) to \(range.upperBound), found \(value)")
      }
      return value
    }
    func outputs() throws -> Int? { values.contains(.outputs) ? try whole(.outputs, 1...1 << 20) : nil }
    func bias() throws -> Bool { try values.decodeIfPresent(Bool.self, forKey: .bias) ?? true }
    func number(_ key: CodingKeys, _ range: Range<Float>, or fallback: Float) throws -> Float {
      let value = try values.decodeIfPresent(Float.self, forKey: key) ?? fallback
      guard range.contains(value) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values,
          debugDescription: "expected \(range.lowerBound) or more and below \(range.upperBound), found \(value)")
      }
      return value
    }
    func deviation() throws -> Float? {
      values.contains(.deviation) ? try number(.deviation, 0..<1000, or: 0) : nil
    }
    switch kind {
    case .convolution:
      operation = .convolution(
        outputs: try outputs(), kernel: try values.sides(.kernel, 1...1024),
        stride: try whole(.stride, 1...1024, or: 1),
        padding: try whole(.padding, 0...1024, or: 0), hasBias: try bias(), deviation: try deviation())
    case .batchNormalisation:
      operation = .batchNormalisation(
        epsilon: try number(.epsilon, 0..<1, or: 1e-5), momentum: try number(.momentum, 0..<1, or: 0.1))
    case .relu: operation = .relu
    case .maximumPooling:
      let size = try whole(.size, 1...1024, or: 2)
      operation = .maximumPooling(
        size: size, stride: try whole(.stride, 1...1024, or: size), padding: try whole(.padding, 0...size / 2, or: 0))
    case .averagePooling:
      let size = try whole(.size, 1...1024, or: 2)
      operation = .averagePooling(size: size, stride: try whole(.stride, 1...1024, or: size))
    case .roiPool: operation = .roiPool(grid: try values.sides(.grid, 1...64))
    case .globalAveragePooling: operation = .globalAveragePooling
    case .averageMaximumPooling: operation = .averageMaximumPooling
    case .unitLength: operation = .unitLength
    case .flatten: operation = .flatten
    case .linear: operation = .linear(outputs: try outputs(), hasBias: try bias(), deviation: try deviation())
    case .dropout: operation = .dropout(rate: try number(.rate, 0..<1, or: 0.5))
    case .residual:
      operation = .residual(
        layers: try values.decode([LayerDescription].self, forKey: .layers),
        shortcut: try values.decodeIfPresent([LayerDescription].self, forKey: .shortcut) ?? [])
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    func begin(_ kind: Kind) throws {
      try values.encode(kind, forKey: .kind)
      try values.encode(name, forKey: .name)
    }
    switch operation {
    case .convolution(let outputs, let kernel, let stride, let padding, let hasBias, let deviation):
      try begin(.convolution)
      try values.encodeIfPresent(outputs, forKey: .outputs)
      try values.encode(Sides(kernel), forKey: .kernel)
      try values.encode(stride, forKey: .stride)
      try values.encode(padding, forKey: .padding)
      try values.encode(hasBias, forKey: .bias)
      try values.encodeIfPresent(deviation, forKey: .deviation)
    case .batchNormalisation(let epsilon, let momentum):
      try begin(.batchNormalisation)
      try values.encode(epsilon, forKey: .epsilon)
      try values.encode(momentum, forKey: .momentum)
    case .relu: try begin(.relu)
    case .maximumPooling(let size, let stride, let padding):
      try begin(.maximumPooling)
      try values.encode(size, forKey: .size)
      try values.encode(stride, forKey: .stride)
      try values.encode(padding, forKey: .padding)
    case .averagePooling(let size, let stride):
      try begin(.averagePooling)
      try values.encode(size, forKey: .size)
      try values.encode(stride, forKey: .stride)
    case .roiPool(let grid):
      try begin(.roiPool)
      try values.encode(Sides(grid), forKey: .grid)
    case .globalAveragePooling: try begin(.globalAveragePooling)
    case .averageMaximumPooling: try begin(.averageMaximumPooling)
    case .unitLength: try begin(.unitLength)
    case .flatten: try begin(.flatten)
    case .linear(let outputs, let hasBias, let deviation):
      try begin(.linear)
      try values.encodeIfPresent(outputs, forKey: .outputs)
      try values.encode(hasBias, forKey: .bias)
      try values.encodeIfPresent(deviation, forKey: .deviation)
    case .dropout(let rate):
      try begin(.dropout)
      try values.encode(rate, forKey: .rate)
    case .residual(let layers, let shortcut):
      try begin(.residual)
      try values.encode(layers, forKey: .layers)
      try values.encode(shortcut, forKey: .shortcut)
    }
  }
}

/// A height and a width, written as one number where they are equal and as `[height, width]` otherwise.
struct Sides: Codable {
  let extent: Extent

  init(_ extent: Extent) { self.extent = extent }

  init(from decoder: any Decoder) throws {
    if let list = try? [Int](from: decoder) {
      guard list.count == 2 else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "expected a number or [height, width]"))
      }
      extent = Extent(height: list[0], width: list[1])
    } else {
      let side = try Int(from: decoder)
      extent = Extent(height: side, width: side)
    }
  }

  func encode(to encoder: any Encoder) throws {
    if extent.height == extent.width {
      try extent.height.encode(to: encoder)
    } else {
      try [extent.height, extent.width].encode(to: encoder)
    }
  }
}

extension KeyedDecodingContainer {
  /// The sides under a key, each within `range`.
  func sides(_ key: Key, _ range: ClosedRange<Int>) throws -> Extent {
    let extent = try decode(Sides.self, forKey: key).extent
    guard range.contains(extent.height), range.contains(extent.width) else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "expected \(range.lowerBound) to \(range.upperBound)")
    }
    return extent
  }
}
