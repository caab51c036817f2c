package import Support
package import Tensors

/// An image file's pixels, and what they do not tell of the file.
package struct DecodedImage: Sendable, Equatable {
  /// The first frame or page, upright.
  package let image: Image
  /// The extent in the file, upright: the image's own unless it was decoded at a part of its size.
  package let extent: Extent
  /// The format, by the first bytes.
  package let format: ImageFormat
  /// What is worth a remark, with details such as `3 frames`, or nothing.
  package internal(set) var traits: [ImageTrait: String]

  /// - Parameter extent: in the file as stored; the image's own if nil.
  init(
    _ image: Image, _ format: ImageFormat, extent: Extent? = nil, orientation: Orientation = .upright,
    traits: [ImageTrait: String] = [:]
  ) {
    self.image = image.upright(from: orientation)
    self.format = format
    self.extent = orientation.upright(extent ?? image.extent)
    self.traits = traits
    if orientation != .upright { self.traits[.turned] = "" }
  }

  /// Decodes a JPEG, PNG, WebP, TIFF, BMP or GIF file: gray files give 1 channel, others 3; transparency is dropped.
  ///
  /// The first bytes determine the format. The extent is checked before memory for it is allocated. An EXIF orientation is
  /// applied; gamma and color profiles are not. `docs/what-is-read.md` has every case.
  ///
  /// - Parameters:
  ///   - name: the name of the image in errors, usually its path.
  ///   - pixelLimit: the most pixels to decode.
  ///   - covering: for the upright extent, one that is enough: a JPEG file is then decoded at 1/2, 1/4 or 1/8 of its size,
  ///     rounded up, the least that is no smaller in height and width. nil decodes every pixel.
  /// - Throws: `ImageError` for other formats, damaged or truncated files, and images above `pixelLimit`.
  package init(
    _ bytes: [UInt8], name: String, pixelLimit: Int = Image.defaultPixelLimit,
    covering: (Extent) -> Extent? = { _ in nil }
  ) throws(ImageError) {
    switch ImageFormat(head: bytes) {
    case .jpeg: self = try decodedJPEG(bytes, name: name, pixelLimit: pixelLimit, covering: covering)
    case .png: self = try decodedPNG(bytes, name: name, pixelLimit: pixelLimit)
    case .webp: self = try decodedWebP(bytes, name: name, pixelLimit: pixelLimit)
    case .tiff: self = try decodedTIFF(bytes, name: name, pixelLimit: pixelLimit)
    case .bmp: self = try decodedBMP(bytes, name: name, pixelLimit: pixelLimit)
    case .gif: self = try decodedGIF(bytes, name: name, pixelLimit: pixelLimit)
    case nil: throw ImageError(otherThanImage: bytes, name: name)
    }
    let parts = (name.split(separator: "/").last ?? "").split(separator: ".", omittingEmptySubsequences: false)
    if parts.count > 1, let ending = parts.last, !format.extensions.contains(ending.lowercased()) {
      traits[.misnamed] = format.rawValue
    }
  }

  /// The most bytes of an image file: 1 GiB.
  package static let byteLimit = 1 << 30

  /// Decodes an image file.
  ///
  /// - Throws: `FileError` that names it, where it is missing, larger than `byteLimit`, or no image that can be decoded.
  package init(reading path: String, covering: (Extent) -> Extent? = { _ in nil }) throws(FileError) {
    let bytes = try FileBytes.read(path, limit: Self.byteLimit)
    do throws(ImageError) {
      try self.init(bytes, name: path, covering: covering)
    } catch {
      throw FileError(error)
    }
  }
}
