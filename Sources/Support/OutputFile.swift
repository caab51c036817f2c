/// A file that a job is asked to write.
package struct OutputFile: Sendable {
  /// Why it is not written.
  package enum Problem: Sendable, Equatable {
    /// There is a file of that name.
    case exists
    /// It is one of the files that are read; replacing it would destroy them.
    case isInput(String)
  }

  private let path: String
  private let inputs: [String]

  /// - Parameters:
  ///   - path: the file to write.
  ///   - inputs: the files and folders that are read.
  package init(_ path: String, inputs: [String] = []) { (self.path, self.inputs) = (path, inputs) }

  /// Why the file is not to be written; `nil` if it may be.
  ///
  /// A file that is there already is replaced only where that is asked for, and an input never: neither a file that is read,
  /// nor an image or annotation in a folder that is read.
  /// - Parameter replaces: whether a file that is there is to be replaced.
  /// - Throws: `FileError` where something is there that is no regular file, or its folder cannot be written to.
  package func problem(replacing replaces: Bool) throws(FileError) -> Problem? {
    _ = try FileSystem.replaceable(path)
    guard FileSystem.exists(path) else {
      try FileSystem.requireWritable(path)
      return nil
    }
    guard replaces else { return .exists }
    if let input = inputs.first(where: { FileSystem.areSame($0, path) }) { return .isInput(input) }
    let folders = FileSystem.foldersAbove(path)
    for input in inputs where folders.contains(where: { FileSystem.areSame($0, input) }) {
      // A dataset or a table among the images that it was made of is not one of them.
      switch try? FileNature(of: path) {
      case .image?, .xml?: return .isInput(input)
      default: break
      }
    }
    return nil
  }
}
