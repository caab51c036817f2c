import ArgumentParser
import Training

/// Makes a dataset of feature maps.
struct Features: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a frozen backbone once over a dataset and write its feature maps.",
    discussion: """
      The configuration is one for training; its network's backbone, weights, data.path, data.inputNormalization and \
      data.resize are used. The maps are a dataset like any other: a run with the same backbone trains its head alone on them. \
      If interrupted, repeat the command to resume.
      """)
  @Argument(help: "The configuration, a YAML file.") var configuration: String
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a key, such as data.path=datasets/photos.h5.", valueName: "key=value"))
  var settings: [String] = []
  @OptionGroup var target: OutputOptions

  func run() throws {
    let value = try Configuration(path: configuration, settings: settings)
    try requireFile(value.data.path, expected: "a dataset")
    if let weights = value.weights { try requireFile(weights.from, expected: "weights") }
    let output = target.output
    try target.requireNothingThere(
      inputs: [configuration, value.data.path] + [value.weights?.from].compactMap(\.self))
    let extraction = try FeatureExtraction(value)
    if let plan = extraction.loaded { print("\(plan)\n") }
    var line: ProgressLine?
    try extraction.run(writingTo: output, shouldStop: { StopRequest.isRequested }) { done in
      if line == nil { line = ProgressLine("features", total: extraction.count, startedAt: done, unit: "images") }
      line?.update(done: done)
    }
    line?.finish(done: extraction.count)
    print("wrote \(output)")
  }
}
