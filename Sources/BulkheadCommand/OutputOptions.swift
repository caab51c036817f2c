import ArgumentParser
import Bulkhead
import Support

/// The file that a command writes; one that is there already stays as it is unless the user says otherwise.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The file to write.") var output: String
  @OptionGroup var overwriting: OverwriteOption

  /// - Parameter inputs: the files and folders that the command reads.
  /// - Throws: as `OverwriteOption.requireNothing`.
  func requireNothingThere(inputs: [String]) throws { try overwriting.requireNothing(at: output, inputs: inputs) }
}

/// Whether a file that is there already is replaced.
struct OverwriteOption: ParsableArguments {
  @Flag(help: "Replace a file that exists.") var overwrite = false

  /// - Parameter inputs: the files and folders that the command reads, which it never replaces.
  /// - Throws: `BulkheadError` if there is a file already and `--overwrite` is not given, or if it is an input; `FileError` if
  ///   there is no regular file but something else.
  func requireNothing(at path: String, inputs: [String]) throws {
    switch try OutputFile(path, inputs: inputs).problem(replacing: overwrite) {
    case nil: break
    case .exists:
      throw BulkheadError(.exists, "\(path): it exists already; choose another name, or replace it with --overwrite")
    case .isInput(let input):
      let place = input == path ? "it is read by this command" : "it is part of \(input), which this command reads"
      throw BulkheadError(.exists, "\(path): \(place), and is never replaced; choose another name")
    }
  }
}
