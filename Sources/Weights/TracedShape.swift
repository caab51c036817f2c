/// The shape of a value in a graph that is followed from the images on: axes, and in each the axes of a map that were
/// flattened into it, the slowest first.
struct TracedShape: Equatable {
  /// What an axis is of a map.
  enum Role { case batch, height, width, channel, feature }

  /// An axis of a map; its size is `nil` where it is not known.
  struct Factor: Equatable {
    let role: Role
    var size: Int?
  }

  /// Positions around a map, before and after each side.
  enum Padding: Equatable {
    case none
    /// As many as give ⌈extent / stride⌉ outputs.
    case same
    case sides(height: Int, width: Int)
  }

  var axes: [[Factor]]

  /// Maps `[N, H, W, C]`, or `[N, C, H, W]`.
  static func maps(height: Int?, width: Int?, channels: Int?, isChannelsFirst: Bool) -> TracedShape {
    let (h, w) = ([Factor(role: .height, size: height)], [Factor(role: .width, size: width)])
    let c = [Factor(role: .channel, size: channels)]
    let batch = [Factor(role: .batch, size: nil)]
    return TracedShape(axes: isChannelsFirst ? [batch, c, h, w] : [batch, h, w, c])
  }

  /// Features `[N, count]`.
  static func features(_ count: Int?) -> TracedShape {
    TracedShape(axes: [[Factor(role: .batch, size: nil)], [Factor(role: .feature, size: count)]])
  }

  /// Whether it is maps, whose axes are not flattened.
  var isMaps: Bool {
    axes.count == 4 && axes.allSatisfy { $0.count == 1 }
      && Set(axes.map { $0[0].role }) == [.batch, .height, .width, .channel]
  }

  /// The size of a role's axis.
  subscript(role: Role) -> Int? {
    get { axes.joined().first { $0.role == role }?.size }
    set {
      for (index, axis) in axes.enumerated() {
        for (place, factor) in axis.enumerated() where factor.role == role { axes[index][place].size = newValue }
      }
    }
  }

  /// Maps after windows of a size went over them, of so many channels; `nil` keeps their number.
  func windowed(
    kernel: (height: Int, width: Int), strides: (height: Int, width: Int), padding: Padding, isCeiling: Bool = false,
    channels: Int? = nil
  ) -> TracedShape? {
    guard isMaps, kernel.height > 0, kernel.width > 0, strides.height > 0, strides.width > 0 else { return nil }
    func output(_ extent: Int?, _ kernel: Int, _ stride: Int, _ pad: Int) -> Int? {
      guard let extent, extent < 1 << 24, kernel < 1 << 24, stride < 1 << 24, abs(pad) < 1 << 24 else { return nil }
      if padding == .same { return (extent + stride - 1) / stride }
      let rest = extent + pad - kernel
      return rest < 0 ? nil : (rest + (isCeiling ? stride - 1 : 0)) / stride + 1
    }
    var (height, width) = (0, 0)
    if case .sides(let h, let w) = padding { (height, width) = (h, w) }
    var result = self
    result[.height] = output(self[.height], kernel.height, strides.height, height)
    result[.width] = output(self[.width], kernel.width, strides.width, width)
    if let channels { result[.channel] = channels }
    return result
  }

  /// The axes in another order.
  func transposed(_ order: [Int]) -> TracedShape? {
    guard order.sorted() == Array(axes.indices) else { return nil }
    return TracedShape(axes: order.map { axes[$0] })
  }

  /// All axes from the second on in one.
  func flattened() -> TracedShape? {
    guard axes.count > 1 else { return nil }
    return TracedShape(axes: [axes[0], Array(axes.dropFirst().joined())])
  }

  /// Other axes of the same values: -1 or `nil` is an extent that follows from the others; the first is the batch.
  func reshaped(_ extents: [Int?]) -> TracedShape? {
    guard axes.first?.first?.role == .batch, axes[0].count == 1, !extents.isEmpty else { return nil }
    let factors = Array(axes.dropFirst().joined())
    let sizes = factors.map(\.size)
    let total = sizes.reduce(Int?.some(1)) { product, size in
      guard let product, let size, size < 1 << 24, product < 1 << 32 else { return nil }
      return product * size
    }
    if extents.count == 2 {
      guard let extent = extents[1], extent > 0 else { return TracedShape(axes: [axes[0], factors]) }
      // Only the channels may be what is left where the extent of maps is not known.
      let fits = total.map { $0 == extent } ?? !sizes.contains(extent)
      return fits ? TracedShape(axes: [axes[0], factors]) : nil
    }
    var result = [axes[0]]
    var rest = factors[...]
    for extent in extents.dropFirst() {
      guard let extent, extent > 0 else { return nil }
      var axis: [Factor] = []
      var product = 1
      while product < extent, let next = rest.first {
        guard let size = next.size, size > 0, size <= extent else { return nil }
        axis.append(next)
        product *= size
        rest = rest.dropFirst()
      }
      guard product == extent else { return nil }
      result.append(axis)
    }
    guard rest.allSatisfy({ $0.size == 1 }) else { return nil }
    result[result.count - 1] += rest
    return TracedShape(axes: result)
  }

  /// What the last axis is to the rows of a fully connected layer.
  enum Rows: Equatable {
    /// No map.
    case features
    /// A map in an order; its extents are `nil` where they are not known. Order is nil for a single cell.
    case map(FlattenedMap?, FlattenOrder?)
    /// A map in an order that no layout has.
    case permuted
    /// Anything else.
    case odd
  }

  var rows: Rows {
    guard let axis = axes.last else { return .odd }
    if axis.contains(where: { $0.role == .batch }) { return .odd }
    let map = axis.filter { $0.role != .feature }
    if map.isEmpty { return .features }
    guard map.count == axis.count else { return .odd }
    let sizes: [Role: Int?] = Dictionary(map.map { ($0.role, $0.size) }) { first, _ in first }
    var extents: FlattenedMap?
    func size(_ role: Role) -> Int? { sizes[role].map { $0 } ?? 1 }
    if let height = size(.height), let width = size(.width), let channels = size(.channel),
      [height, width, channels].allSatisfy((1...1 << 20).contains)
    {
      extents = FlattenedMap(height: height, width: width, channels: channels)
    }
    switch map.filter({ $0.size != 1 }).map(\.role) {
    case [], [.channel]: return .map(extents, nil)
    case [.height, .width, .channel], [.height, .channel], [.width, .channel]: return .map(extents, .hwc)
    case [.channel, .height, .width], [.channel, .height], [.channel, .width]: return .map(extents, .chw)
    // One channel: both orders are one.
    case [.height, .width], [.height], [.width]: return .map(extents, nil)
    default: return .permuted
    }
  }
}
