import Images
internal import Support

/// Where the samples of each image lie in an array.
struct ImageArrangement: Sendable, Equatable {
  let layout: ImageLayout
  /// The number of images.
  let count: Int
  /// The axis of the array that counts images, as it lies on disk.
  private let imageAxis: Int
  private let shape: [Int]
  /// Axes as they lie on disk, those of rows of values spelled out.
  private let axes: [ArrayAxes.Axis]
  /// What was taken for what, for the report.
  let remark: String?

  /// The arrangement of an array that has one image for each of `labels` labels.
  ///
  /// Axes are the ones asked for. Otherwise `[N, H, W, C]`, `[N, C, H, W]`, `[N, H, W]` and rows `[N, values]` are told
  /// apart by 1 or 3 channels; `[H, W, C, N]` and `[H, W, N]` are taken where only they fit.
  /// - Throws: `FileError` for other shapes, several possible orders, another number of images, or if the layout given does
  ///   not fit.
  init(of array: some NumberArray, reading: ArrayReading, labels: Int) throws(FileError) {
    let program = array.programShape
    let path = array.path
    func found(_ axes: ArrayAxes) -> (layout: ImageLayout, count: Int)? {
      Self.extents(program, axes, given: reading.layout)
    }
    let isGiven = reading.axes != nil
    let candidates = try Self.candidates(of: array, reading, path).filter { found($0) != nil }
    var fitting = candidates.filter { found($0)?.count == labels }
    // What is common goes before what is possible.
    let common = fitting.filter { $0.axes.first == .images }
    if !array.isOfMATLAB, !common.isEmpty { fitting = common }
    guard fitting.count <= 1 else {
      let names = fitting.map(\.description).joined(separator: " or ")
      throw FileError(
        what: "an array of shape \(program) can have the axes \(names)", path: path, expected: "one possible order",
        action: "say which with --axes")
    }
    guard let axes = fitting.first ?? candidates.first, let (layout, count) = found(axes) else {
      let wanted = reading.layout.map { " of \($0)" } ?? ""
      throw FileError(
        what: "an array of shape \(program) for images\(wanted)", path: path,
        expected: isGiven
          ? "extents for the axes \(reading.axes!), with 1 or 3 channels"
          : "[N, H, W], [N, H, W, C] or [N, C, H, W] with 1 or 3 channels, or [N, H*W*C]",
        action: "give height, width and channels (--layout), the order of axes (--axes), or another array")
    }
    guard count > 0 else {
      throw FileError(what: "no images in it", path: path, expected: "at least one", action: "check the source")
    }
    guard count == labels else {
      throw FileError(
        what: "\(count) images and \(labels) labels", path: path, expected: "as many labels as images",
        action: "check that both belong together")
    }
    (self.layout, self.count, shape) = (layout, count, array.shape)
    let isFlat = program.count == 2
    if isFlat {
      // The values of an image keep their order, wherever the axis of images lies on disk.
      imageAxis = (axes.axes.first == .images) == array.isColumnMajor ? 1 : 0
      self.axes = imageAxis == 0 ? [.images] + axes.ofImage : axes.ofImage + [.images]
    } else {
      self.axes = array.isColumnMajor ? axes.axes.reversed() : axes.axes
      imageAxis = self.axes.firstIndex(of: .images) ?? 0
    }
    let isPlain =
      axes.axes.first == .images && [[.height, .width], [.height, .width, .channels]].contains(axes.ofImage)
    remark =
      isGiven || isPlain && !array.isOfMATLAB && !(isFlat && layout.channels > 1)
      ? nil
      : "\(path): shape \(program) was taken for \(axes) (\(Self.words(axes)))"
        + ", \(count) images of \(layout); another order: --axes"
  }

  private static func words(_ axes: ArrayAxes) -> String {
    axes.axes.map { axis in
      switch axis {
      case .images: "images"
      case .height: "height"
      case .width: "width"
      case .channels: "channels"
      }
    }.joined(separator: ", ")
  }

  /// The orders that an array of its rank can have, as its program lists axes.
  private static func candidates(
    of array: some NumberArray, _ reading: ArrayReading, _ path: String
  ) throws(FileError) -> [ArrayAxes] {
    let rank = array.shape.count
    if let axes = reading.axes { return [axes] }
    switch rank {
    case 4: return ["NHWC", "NCHW", "HWCN"].compactMap { ArrayAxes($0) }
    case 3: return ["NHW", "HWN"].compactMap { ArrayAxes($0) }
    case 2 where array.isOfMATLAB:
      throw FileError(
        what: "rows of values, of shape \(array.programShape), in an array that is stored column by column", path: path,
        expected: "the order of the values of an image",
        action: "say it with --axes: NWH if each image was flattened column by column as MATLAB does, NHW if row by "
          + "row; WHN or HWN where each column is an image")
    case 2: return [ArrayAxes([.images, .height, .width, .channels])]
    default: return []
    }
  }

  /// The extents of images and their number in an array of that shape and order; `nil` if they do not fit.
  private static func extents(
    _ shape: [Int], _ axes: ArrayAxes, given: ImageLayout?
  ) -> (layout: ImageLayout, count: Int)? {
    let layout: ImageLayout
    let count: Int
    if shape.count == 2 {
      guard let first = axes.axes.first, first == .images || axes.axes.last == .images else { return nil }
      let values = shape[first == .images ? 1 : 0]
      count = shape[first == .images ? 0 : 1]
      let side = Int(Double(values).squareRoot())
      guard let found = given ?? (side * side == values ? ImageLayout(height: side, width: side) : nil),
        found.count == values, found.channels == 1 || axes.axes.contains(.channels)
      else { return nil }
      layout = found
    } else {
      guard shape.count == axes.axes.count else { return nil }
      func extent(_ axis: ArrayAxes.Axis) -> Int { axes.axes.firstIndex(of: axis).map { shape[$0] } ?? 1 }
      layout = ImageLayout(height: extent(.height), width: extent(.width), channels: extent(.channels))
      count = extent(.images)
      guard given == nil || given == layout else { return nil }
    }
    return layout.isPossible ? (layout, count) : nil
  }

  /// The images that are read at once: one, where they lie in one piece.
  var imagesPerBlock: Int {
    imageAxis == 0 ? 1 : max(1, min(count, (1 << 22) / max(1, layout.count)))
  }

  /// The block of a range of images.
  func block(of images: Range<Int>) -> (offset: [Int], count: [Int]) {
    var (offset, count) = (shape.map { _ in 0 }, shape)
    (offset[imageAxis], count[imageAxis]) = (images.lowerBound, images.count)
    return (offset, count)
  }

  /// The samples of an image, by row, column and channel, among those of a block of so many images.
  func pixels(of image: Int, in block: [UInt8], images: Int) -> [UInt8] {
    let extents: [ArrayAxes.Axis: Int] = [
      .images: images, .height: layout.height, .width: layout.width, .channels: layout.channels,
    ]
    var (steps, step) = ([ArrayAxes.Axis: Int](), 1)
    for axis in axes.reversed() {
      steps[axis] = step
      step *= extents[axis] ?? 1
    }
    func stride(_ axis: ArrayAxes.Axis) -> Int { steps[axis] ?? 0 }
    let first = image * stride(.images)
    let (down, right, deep) = (stride(.height), stride(.width), stride(.channels))
    if right == layout.channels, down == layout.channels * layout.width, deep <= 1 {
      return Array(block[first..<first + layout.count])
    }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(layout.count)
    for y in 0..<layout.height {
      for x in 0..<layout.width {
        for channel in 0..<layout.channels { pixels.append(block[first + y * down + x * right + channel * deep]) }
      }
    }
    return pixels
  }
}

extension ImageLayout {
  /// Whether images of datasets can have it.
  var isPossible: Bool {
    let sides = 1...65_536
    return sides.contains(height) && sides.contains(width) && (channels == 1 || channels == 3)
  }
}
