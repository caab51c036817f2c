import ArgumentParser
import Bulkhead
import Support

/// The file that a command writes; one that is there already stays as it is unless the user says otherwise.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The file to write.") var output: String
  @OptionGroup var overwriting: OverwriteOption

  /// - Throws: `BulkheadError` if there is a file already and `--overwrite` is not given.
  func requireNothingThere() throws { try overwriting.requireNothing(at: output) }
}

/// Whether a file that is there already is replaced.
struct OverwriteOption: ParsableArguments {
  @Flag(help: "Replace the file if it exists.") var overwrite = false

  /// - Throws: `BulkheadError` if there is a file already and `--overwrite` is not given.
  func requireNothing(at path: String) throws {
    guard overwrite || !FileSystem.exists(path) else {
      throw BulkheadError(.exists, "\(path): it exists already; choose another name, or replace it with --overwrite")
    }
  }
}
