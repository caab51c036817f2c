/// A property of a file that its pixels do not tell, worth a remark.
package enum ImageTrait: Int, Sendable, CaseIterable, Comparable {
  /// Some pixels are not opaque.
  case transparency
  /// Samples have 16 bits.
  case deep
  /// Colors are cyan, magenta, yellow and black.
  case cmyk
  /// Rows and columns were stored in another orientation.
  case turned
  /// There are more frames or pages than one.
  case frames
  /// The name has the ending of another format.
  case misnamed

  /// What is done about it, after a number of images.
  package var remark: String {
    switch self {
    case .transparency: "transparent in places: transparency is dropped and the colors below are kept"
    case .deep: "of 16 bits per sample: the upper 8 are kept"
    case .cmyk: "in CMYK: converted to RGB as Pillow does, without a color profile"
    case .turned: "turned upright as their EXIF orientation says"
    case .frames: "of several frames or pages: the first is read"
    case .misnamed: "of another format than their name says: read as what they are"
    }
  }

  /// In the order of the cases.
  package static func < (left: ImageTrait, right: ImageTrait) -> Bool { left.rawValue < right.rawValue }
}
