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
  /// What annotations call an image besides its file's name; by default nil.
  func identifier(at index: Int) -> String?
  func image(at index: Int) throws(FileError) -> Image
  /// An image, and what of its file is worth a remark; by default nothing.
  func traits(at index: Int) throws(FileError) -> (Image, [ImageTrait: String])
}

extension ImageSource {
  func regions(at index: Int) -> [LabeledRegion] { [LabeledRegion(label: label(at: index))] }
  func fileName(at index: Int) -> String? { nil }
  func identifier(at index: Int) -> String? { nil }
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
}
