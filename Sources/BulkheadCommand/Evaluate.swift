import ArgumentParser
import Datasets
import Foundation
import Support
import Training

extension RunEvaluator.Weights: ExpressibleByArgument {}
extension Split: ExpressibleByArgument {}

/// Evaluates a run's network.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate a run's network on one or more datasets.",
    discussion: """
      Accuracy, per-class accuracy, worst class, confusion matrix, calibration error and loss for each dataset, and where \
      the names of its classes are among the network's, the drop from the run's own dataset.

      A configuration in place of a run evaluates the file that its weights.from names, as it is and without training; \
      the classes of its data.path name the network's outputs.
      """)
  @Argument(help: "The run's directory, or a configuration, a YAML file.") var directory: String
  @Option(help: "Which of a run's weights: best on validation, or last (default: best).")
  var weights: RunEvaluator.Weights?
  @Option(help: "A dataset file (default: the run's own). May be given several times.") var on: [String] = []
  @Option(help: "The part of the dataset.") var split = Split.test
  @Flag(help: "Print JSON.") var json = false
  @Option(help: "Write the JSON to a file.") var output: String?
  @Option(help: "Write every sample's label, prediction and its probability to a CSV file.") var predictions: String?
  @OptionGroup var supervision: Supervision
  @OptionGroup var trust: Trust

  private var isConfiguration: Bool { directory.hasSuffix(".yaml") || directory.hasSuffix(".yml") }

  func validate() throws {
    guard weights == nil || !isConfiguration else {
      throw ValidationError("--weights chooses among a run's weights; a configuration names its own in weights.from")
    }
  }

  func run() throws {
    supervision.begin()
    let run = RunDirectory(directory)
    let configuration = try isConfiguration ? Configuration(path: directory) : run.loadConfiguration()
    let paths = on.isEmpty ? [configuration.data.path] : on
    for path in paths { try requireInput(path) }
    if isConfiguration, let weights = configuration.weights { try requireInput(weights.from) }
    let used = isConfiguration ? configuration.weights.map(\.from) : (weights ?? .best) == .best ? run.best : run.last
    try trust.examine([used].compactMap(\.self).filter(FileManager.default.fileExists) + paths)
    let evaluator = try isConfiguration ? RunEvaluator(configuration) : RunEvaluator(run, weights: weights ?? .best)
    if let plan = evaluator.loaded, let from = configuration.weights?.from {
      let table = "weights from \(from)\n\n\(plan)\n\n"
      if json { standardError(table) } else { print(table, terminator: "") }
    }
    var bar: (path: String, line: ProgressLine)?
    let evaluation = try evaluator.evaluate(
      on: paths, split: split, shouldStop: { StopRequest.isRequested }
    ) { path, done, total in
      guard !supervision.supervised else { return }
      if bar?.path != path { bar = (path, ProgressLine("evaluate \(path)", total: total, unit: "images")) }
      if done == total { bar?.line.finish(done: done) } else { bar?.line.update(done: done) }
    }
    if let predictions { try TextFile.write(evaluation.predictionsText, to: predictions) }
    if let output {
      try JSONFile.write(evaluation, to: output)
    } else if json {
      print(try JSONFile.text(of: evaluation))
    } else {
      print(evaluation.text, terminator: "")
    }
  }
}
