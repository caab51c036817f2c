import Images
internal import Support

/// An image of a source, and the file that holds it alone.
struct SourceImage {
  var image: Image
  /// What of its file is worth a remark.
  var traits: [ImageTrait: String] = [:]
  /// The bytes of its file; nil if it lies in an array.
  var bytes: [UInt8]?

  init(_ image: Image) { self.image = image }

  /// Decodes a file.
  /// - Throws: `FileError` that names it, where it cannot be read or decoded.
  init(reading path: String) throws(FileError) {
    let bytes = try FileBytes.read(path, limit: DecodedImage.byteLimit)
    do throws(ImageError) {
      let decoded = try DecodedImage(bytes, name: path)
      (image, traits, self.bytes) = (decoded.image, decoded.traits, bytes)
    } catch { throw FileError(error) }
  }
}

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
  /// Whether each image is the file of its name; by default not.
  var isOfFiles: Bool { get }
  /// An image; safe to call from several threads.
  func image(at index: Int) throws(FileError) -> SourceImage
}

extension ImageSource {
  func regions(at index: Int) -> [LabeledRegion] { [LabeledRegion(label: label(at: index))] }
  func fileName(at index: Int) -> String? { nil }
  func identifier(at index: Int) -> String? { nil }
  var isOfFiles: Bool { false }
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

extension ImageLayout: CustomStringConvertible {
  /// As `32 x 32 x 3`.
  package var description: String { "\(height) x \(width) x \(channels)" }
}
