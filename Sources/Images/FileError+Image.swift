package import Support

extension FileError {
  /// The error of an image as a `FileError` with the same message.
  package init(_ error: ImageError) { self.init(message: error.message, kind: .badData) }
}
