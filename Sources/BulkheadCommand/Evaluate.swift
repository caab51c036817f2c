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
      Accuracy with its 95 % interval, per-class accuracy, worst class, confusion matrix, calibration error and loss for \
      each dataset, and the drop from the run's own dataset on the same classes. Of a run with task: detection, average \
      precision as VOC and as COCO compute it, for each class and as means.

      The classes of a dataset are matched with the network's by name. Names that differ in case, spaces, _ or - alone \
      match too; classes that the network does not have are left out. Accuracy is then also shown among the outputs of the \
      shared classes alone.

      A configuration in place of a run evaluates the file that its weights.from names, as it is and without training; \
      the classes of the run that trained it name the network's outputs, or else those of its data.path.
      """)
  @Argument(help: "The run's directory, or a configuration, a YAML file.") var directory: String
  @Option(help: "Which of a run's weights: best on validation, or last (default: best).")
  var weights: RunEvaluator.Weights?
  @Option(help: "A dataset file (default: the run's own). May be given several times.") var on: [String] = []
  @Option(help: "The part of the dataset.") var split = Split.test
  @Option(help: "How a dataset's classes are matched with the network's: by-name or by-position.")
  var classes = ClassRuleOption.byName
  @Option(
    help: ArgumentHelp(
      """
      A file of 'data name: network name' (YAML, or CSV with two columns) for classes of other names; an empty name leaves \
      a class out.
      """, valueName: "file"))
  var classMap: String?
  @Flag(
    help: """
      Fit a temperature on the run's validation images, and show loss and calibration error with it too. Other numbers and \
      --predictions stay without it.
      """)
  var calibrate = false
  @Flag(help: "Print JSON.") var json = false
  @Option(help: "Write the JSON to a file.") var output: String?
  @Option(
    help: """
      Write every sample's label, prediction and its probability to a CSV file; of a detector every detection, as COCO \
      results if the file's name ends in .json.
      """)
  var predictions: String?
  @OptionGroup var overwriting: OverwriteOption
  @OptionGroup var supervision: Supervision
  @OptionGroup var trust: Trust

  private var source: NetworkSource { NetworkSource(directory) }

  func validate() throws {
    guard weights == nil || !source.isConfiguration else {
      throw ValidationError("--weights chooses among a run's weights; a configuration names its own in weights.from")
    }
    guard classMap == nil || classes == .byName else {
      throw ValidationError("--class-map names classes, and --classes by-position ignores names; choose one of the two")
    }
    guard output == nil || output != predictions else {
      throw ValidationError("--output and --predictions name one file; name two")
    }
  }

  func run() throws {
    supervision.begin()
    let rule = try classes == .byPosition ? .byPosition : ClassRule.byName(classMap.map { try ClassMap(reading: $0) })
    let own = try source.dataPath
    for path in [output, predictions].compactMap(\.self) {
      try overwriting.requireNothing(at: path, inputs: try source.inputs + [own] + on + [classMap].compactMap(\.self))
    }
    for path in on.isEmpty ? [own] : on { try requireFile(path, expected: "a dataset") }
    try trust.examine(source.files(weights) + (on.isEmpty ? [own] : on))
    var evaluator = try source.evaluator(weights)
    if let plan = evaluator.loaded {
      let table = "weights from \(evaluator.weights)\n\n\(plan)\n\n"
      if json { standardError(table) } else { print(table, terminator: "") }
    }
    var bar: (title: String, line: ProgressLine)?
    func show(_ title: String, _ done: Int, _ total: Int) {
      guard !supervision.supervised else { return }
      if bar?.title != title { bar = (title, ProgressLine(title, total: total, unit: "images")) }
      if done == total { bar?.line.finish(done: done) } else { bar?.line.update(done: done) }
    }
    if calibrate {
      evaluator = try evaluator.calibrated(shouldStop: { StopRequest.isRequested }) { show("calibrate \($0)", $1, $2) }
      if split == .validation, on.isEmpty || on.contains(own) {
        standardError("warning: the temperature is fitted on the validation images that it is shown on\n")
      }
    }
    let evaluation = try evaluator.evaluate(
      on: on, split: split, classes: rule, shouldStop: { StopRequest.isRequested }
    ) { show("evaluate \($0)", $1, $2) }
    if let predictions {
      if let found = evaluation as? RunEvaluation<DetectionReport>, predictions.lowercased().hasSuffix(".json") {
        try JSONFile.write(found.results(), to: predictions)
      } else {
        try TextFile.write(evaluation.predictionsText, to: predictions)
      }
    }
    if let output {
      try JSONFile.write(evaluation, to: output)
    } else if json {
      print(try JSONFile.text(of: evaluation))
    } else {
      print(evaluation.text, terminator: "")
    }
  }
}

/// How classes are matched, without the map.
enum ClassRuleOption: String, ExpressibleByArgument, CaseIterable {
  case byName = "by-name"
  case byPosition = "by-position"
}

/// Where the network of an evaluation or a prediction comes from: a run, or a configuration that names weights.
struct NetworkSource {
  let path: String

  init(_ path: String) { self.path = path }

  var isConfiguration: Bool { path.hasSuffix(".yaml") || path.hasSuffix(".yml") }

  /// The path of the run's own dataset.
  var dataPath: String {
    get throws {
      if isConfiguration { return try Configuration(path: path).data.path }
      guard !FileSystem.isRegularFile(path) else {
        throw FileError(
          what: "it is a file", path: path, expected: "the directory of a run, or a configuration, a YAML file",
          action: "name a file of weights in a configuration's weights.from")
      }
      return try RunDirectory(path).loadConfiguration().data.path
    }
  }

  /// The files that no output may replace: those of the run, or the configuration and its weights.
  var inputs: [String] {
    get throws {
      try isConfiguration
        ? [path] + [Configuration(path: path).weights?.from].compactMap(\.self) : RunDirectory(path).ownFiles
    }
  }

  /// The files that are read, those that are there.
  func files(_ weights: RunEvaluator.Weights?) throws -> [String] {
    let file: String?
    if isConfiguration {
      file = try Configuration(path: path).weights?.from
      if let file { try requireFile(file, expected: "weights") }
    } else {
      file = (weights ?? .best) == .best ? RunDirectory(path).best : RunDirectory(path).last
    }
    return [file].compactMap(\.self).filter(FileSystem.exists)
  }

  /// The network with its weights.
  func evaluator(_ weights: RunEvaluator.Weights?) throws -> RunEvaluator {
    try isConfiguration
      ? RunEvaluator(Configuration(path: path)) : RunEvaluator(RunDirectory(path), weights: weights ?? .best)
  }
}
