package import Support

extension FileError {
  /// The same as an error of a picture.
  package init(_ error: ImageError) { self.init(message: error.message, kind: .badData) }
}
