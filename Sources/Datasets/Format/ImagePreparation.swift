package import Images
package import Support
package import Tensors

/// How the images of a dataset were made of image files.
package struct ImagePreparation: Codable, Sendable, Equatable {
  /// 1 (gray) or 3 (color).
  package var channels: Int
  /// How images were resized and cropped; nil keeps their size.
  package var resizing: ImageResizing?

  /// A preparation.
  package init(channels: Int, resizing: ImageResizing? = nil) { (self.channels, self.resizing) = (channels, resizing) }

  /// The image of a file as it would be in the dataset, and the extents of both.
  ///
  /// - Parameter wanted: for the extent of the dataset's image, one that is enough; see `DecodedImage`. Where the preparation
  ///   resizes, every pixel is decoded.
  /// - Throws: `FileError` that names the file, if it cannot be read.
  package func image(
    reading path: String, covering wanted: (Extent) -> Extent? = { _ in nil }
  ) throws(FileError) -> (image: Image, extent: Extent, own: Extent) {
    let file = try DecodedImage(reading: path) { resizing == nil ? wanted($0) : nil }
    let image = try image(of: file.image, name: path)
    return (image, resizing == nil ? file.extent : image.extent, file.extent)
  }

  /// A decoded image as it would be in the dataset.
  ///
  /// - Throws: `FileError` where resizing makes more pixels of it than can be decoded.
  func image(of decoded: Image, name: String) throws(FileError) -> Image {
    let image = decoded.converted(toChannels: channels)
    guard let resizing else { return image }
    let scaled = resizing.scaled(image.extent)
    guard scaled.height * scaled.width <= Image.defaultPixelLimit else {
      throw FileError(
        what: "resizing makes \(scaled.width) x \(scaled.height) pixels of its \(image.width) x \(image.height)",
        path: name, expected: "at most \(Image.defaultPixelLimit) in total", action: "leave the image out")
    }
    return resizing.transform(of: image.extent).image(image)
  }

  /// A box of an image of an extent where the preparation takes it; nil where its center is cropped away.
  package func box(_ box: Box, of extent: Extent) -> Box? {
    guard let resizing else { return box }
    return resizing.transform(of: extent).box(box, of: extent)
  }

  /// Where a box of the prepared image lies in an image of an extent.
  package func source(of box: Box, in extent: Extent) -> Box {
    guard let resizing else { return box }
    return resizing.transform(of: extent).source(of: box, in: extent)
  }
}

extension Dataset {
  /// What to call an image: the file that it came from, or its place in this one.
  package func name(ofImage index: Int) -> String { fileName(of: index) ?? "\(path), image \(index)" }

  /// How its images were made of image files; nil where it holds feature maps.
  package var preparation: ImagePreparation? {
    header.features == nil ? ImagePreparation(channels: channels, resizing: header.resizing) : nil
  }
}
