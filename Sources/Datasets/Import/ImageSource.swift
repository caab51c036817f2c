import Images
internal import Support

/// Labeled images in a fixed order, each read on demand.
protocol ImageSource: Sendable {
  var count: Int { get }
  /// The class that an image is split by.
  func label(at index: Int) -> Int
  /// The labeled regions of an image; by default the whole image.
  func regions(at index: Int) -> [LabeledRegion]
  /// What to call an image in reports: its path, or the array and its position.
  func name(at index: Int) -> String
  /// The file that holds an image alone, as a path within the source; by default nil.
  func fileName(at index: Int) -> String?
  func image(at index: Int) throws(FileError) -> Image
  /// An image, and what of its file is worth a remark; by default nothing.
  func traits(at index: Int) throws(FileError) -> (Image, [ImageTrait: String])
}

extension ImageSource {
  func regions(at index: Int) -> [LabeledRegion] { [LabeledRegion(label: label(at: index))] }
  func fileName(at index: Int) -> String? { nil }
  func traits(at index: Int) throws(FileError) -> (Image, [ImageTrait: String]) { (try image(at: index), [:]) }
}

/// The extents of every image of an array: `[height, width, channels]`.
package struct ImageLayout: Sendable, Equatable {
  /// Height in pixels.
  package var height: Int
  /// Width in pixels.
  package var width: Int
  /// Channels, 1 or 3.
  package var channels: Int

  /// A layout by height, width and channels.
  package init(height: Int, width: Int, channels: Int = 1) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  var count: Int { height * width * channels }

  /// The layout of an array `[N, H, W]`, `[N, H, W, C]` or `[N, values]`; the last needs a square or a layout given.
  /// - Throws: `FileError` for other shapes, or if the layout given does not fit.
  init(of shape: [Int], given: ImageLayout?, path: String) throws(FileError) {
    let found: ImageLayout?
    switch shape.count {
    case 2:
      let side = Int(Double(shape[1]).squareRoot())
      found = given ?? (side * side == shape[1] ? ImageLayout(height: side, width: side) : nil)
    case 3: found = ImageLayout(height: shape[1], width: shape[2])
    case 4: found = ImageLayout(height: shape[1], width: shape[2], channels: shape[3])
    default: found = nil
    }
    guard let found, found.isPossible, shape.count != 2 || found.count == shape[1], given == nil || given == found
    else {
      let wanted = given.map { " of \($0.height) x \($0.width) x \($0.channels)" } ?? ""
      throw FileError(
        what: "an array of shape \(shape) for images\(wanted)", path: path,
        expected: "[N, H, W], [N, H, W, C] with 1 or 3 channels, or [N, H*W*C]",
        action: "give height, width and channels, or another array")
    }
    self = found
  }

  private var isPossible: Bool {
    let sides = 1...65_536
    return sides.contains(height) && sides.contains(width) && (channels == 1 || channels == 3)
  }
}

/// Images of one size in an array of a file, read one by one so that memory does not grow with them.
struct ArrayImages: ImageSource {
  private let layout: ImageLayout
  private let images: NumericArray
  private let labels: [Int]
  private let maximum: Double

  /// The images of an array and their labels.
  /// - Throws: `FileError` if the shapes are none of images and labels, or not as many of both.
  init(
    images: NumericArray, labels: NumericArray, layout: ImageLayout?, maximum: Double
  ) throws(FileError) {
    self.layout = try ImageLayout(of: images.shape, given: layout, path: images.path)
    (self.images, self.labels, self.maximum) = (images, try labels.labels(), maximum)
    try requireLabels(self.labels.count, forImages: images.shape[0], path: images.path)
  }

  var count: Int { labels.count }
  func label(at index: Int) -> Int { labels[index] }
  func name(at index: Int) -> String { "\(images.path), image \(index)" }

  func image(at index: Int) throws(FileError) -> Image {
    Image(
      height: layout.height, width: layout.width, channels: layout.channels,
      pixels: try images.samples(in: index * layout.count..<(index + 1) * layout.count, maximum: maximum))
  }
}

/// A number as an 8-bit sample, `maximum` becoming 255; `nil` outside 0 … `maximum`.
func sample(_ number: Double, maximum: Double) -> UInt8? {
  number >= 0 && number <= maximum ? UInt8((number * 255 / maximum).rounded()) : nil
}

/// Throws unless there are images and a label for each.
func requireLabels(_ labels: Int, forImages images: Int, path: String) throws(FileError) {
  guard images > 0 else {
    throw FileError(what: "no images in it", path: path, expected: "at least one", action: "check the source")
  }
  guard labels == images else {
    throw FileError(
      what: "\(images) images and \(labels) labels", path: path, expected: "as many labels as images",
      action: "check that both files belong together")
  }
}
