import ArgumentParser
import Foundation
import Storage
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
      """)
  @Argument(help: "The run's directory.") var directory: String
  @Option(help: "Which weights: best on validation, or last.") var weights = RunEvaluator.Weights.best
  @Option(help: "A dataset file; the run's own if left out. May be given several times.") var on: [String] = []
  @Option(help: "The part of the dataset.") var split = Split.test
  @Flag(help: "Print JSON.") var json = false
  @Option(help: "Write the JSON to a file.") var output: String?
  @OptionGroup var supervision: Supervision
  @OptionGroup var trust: Trust

  func run() throws {
    supervision.begin()
    let run = RunDirectory(directory)
    let paths = on.isEmpty ? [try run.loadConfiguration().data.path] : on
    for path in paths { try requireInput(path) }
    try trust.examine([weights == .best ? run.best : run.last].filter(FileManager.default.fileExists) + paths)
    let evaluator = try RunEvaluator(run, weights: weights)
    var bar: (path: String, line: ProgressLine)?
    let evaluation = try evaluator.evaluate(on: paths, split: split) { path, done, total in
      guard !supervision.attended else { return }
      if bar?.path != path { bar = (path, ProgressLine("evaluate \(path)", total: total, unit: "images")) }
      if done == total { bar?.line.finish(done: done) } else { bar?.line.update(done: done) }
    }
    if let output {
      try RunDirectory.writeJSON(evaluation, to: output)
    } else if json {
      print(try RunDirectory.json(evaluation))
    } else {
      print(evaluation.domains.map(\.text).joined(separator: "\n"), terminator: "")
    }
  }
}
