import ArgumentParser
import Foundation
import Support
import Training
import Weights

extension KnownFile: ExpressibleByArgument {
  /// Reads the name of a known file.
  public init?(argument: String) {
    guard let known = Self.all.first(where: { $0.name == argument }) else { return nil }
    self = known
  }

  /// The names of the known files, for help and shell completions.
  public static var allValueStrings: [String] { all.map(\.name) }
}

/// Downloads a known file.
struct Fetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Download published weights, with their checksum verified.",
    discussion: KnownFile.all.map { "\($0.name)  \($0.content)" }.joined(separator: "\n")
      + "\n\nAn interrupted download resumes where it stopped. An existing file is only verified.")
  @Argument(help: "The file to fetch.") var name: KnownFile
  @Option(name: .shortAndLong, help: "The file to write (default: checkpoints/ and its published name).") var output:
    String?
  @Option(
    help: ArgumentHelp(
      "Another address of the same file, such as a mirror or file:///… (default: the published one).",
      valueName: "url"))
  var from: String?

  func run() throws {
    let target = output ?? "checkpoints/\(name.fileName)"
    let download = Download(url: from ?? name.url, md5: name.md5, target: target)
    if try download.isDone() {
      print("\(target) exists already; its checksum is correct")
      return
    }
    let folder = URL(fileURLWithPath: target).deletingLastPathComponent().path
    try FileSystem.createDirectory(folder)
    let unit = 1_000_000
    var bar: ProgressLine?
    var last = download.bytesThere / unit
    try download.run { bytes in
      if StopRequest.isRequested { throw Interruption.stopped }
      // Nothing is shown before the first bytes, so that an error is shown alone.
      guard bytes / unit > last else { return }
      if bar == nil { bar = ProgressLine("fetch", total: name.size / unit, startedAt: last, unit: "MB") }
      last = bytes / unit
      bar?.update(done: last)
    }
    bar?.finish(done: last)
    print("\(target): fetched, checksum verified")
  }
}
