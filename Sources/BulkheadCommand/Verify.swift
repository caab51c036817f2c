import ArgumentParser
import Bulkhead
import Datasets
import Foundation
import Support
import Tensors
import Training
import Weights

/// Verifies a run or a file, every byte.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify every byte of a run, a checkpoint, weights or a dataset.",
    discussion: """
      For a run, reads configuration, checkpoints, log, best weights, result and dataset completely, and compares them \
      with their checksums and with each other. Exits with 65 if anything differs from what was written.
      """)
  @Argument(help: "The run's directory, or a file.") var path: String
  @Option(help: "The path of a run's dataset (default: the configuration's).") var data: String?
  @OptionGroup var trust: Trust

  func run() throws {
    try requireInput(path)
    var isDirectory: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
      try trust.examine([path])
      print("good  \(path): \(try Self.text(of: path))")
      return
    }
    let run = RunDirectory(path)
    guard run.hasConfiguration else { throw FileError.missing(run.configuration) }
    let dataset = try data ?? (trust.untrusted ? run.loadConfiguration().data.path : "")
    try trust.examine((run.checkpoints + [run.best, dataset]).filter(FileManager.default.fileExists))
    // Nobody else writes where nothing can be written.
    let lock = FileSystem.isReadOnly(path) ? nil : try run.lock(for: commandLine)
    defer { _ = lock }
    let verification = try RunVerification(run, dataPath: data, shouldStop: { StopRequest.isRequested })
    for finding in verification.findings {
      let text = finding.text.hasPrefix(finding.path) ? finding.text : "\(finding.path): \(finding.text)"
      print("\(finding.isGood ? "good" : "BAD ")  \(text)")
    }
    let bad = verification.findings.count { !$0.isGood }
    guard bad == 0 else { throw TrainingError("\(path): \(bad) of \(verification.findings.count) checks failed") }
  }

  /// What a file holds, after reading all of it.
  private static func text(of path: String) throws -> String {
    switch try FileContents(of: path) {
    case .checkpoint:
      let checkpoint = try Checkpoint(reading: path)
      let step = try TrainingState(json: checkpoint.state, path: path).step
      return "the checkpoint of step \(step), \(checkpoint.parameters.count) parameters; its checksum is correct"
    case .weights(let file):
      for tensor in file.tensors { _ = try file.values(of: tensor) }
      return "\(file.tensors.count) tensors of weights, all finite"
    case .dataset(let dataset):
      try dataset.verify()
      return "a dataset of \(dataset.imageCount) images; its checksums are correct"
    case .objects:
      throw TrainingError("\(path): is not a run, checkpoint, weights or dataset; expected one of these")
    }
  }
}
