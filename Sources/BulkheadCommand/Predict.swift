import ArgumentParser
import Datasets
import Foundation
import Support
import Tensors
import Training

/// Predicts the classes of images without labels, or finds the objects in them.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predict the classes of images, or the objects in them.",
    discussion: """
      Images are prepared exactly as in an evaluation: as the run's dataset was made of files, then as its configuration says. \
      Folders are read with all that is in them; datasets are read whole, their labels are not used. A run with \
      task: detection gives a line for each object that it finds.

      On a terminal a table is shown; elsewhere, and in files, lines of CSV or JSON are written. Files that cannot be read are \
      named, the others are predicted, and the exit code is 65, unless --skip-unreadable is given.
      """)
  @Argument(help: "The run's directory, or a configuration, a YAML file.") var directory: String
  @Argument(help: "Image files, folders of images, and dataset files.") var paths: [String]
  @Option(help: "Which of a run's weights: best on validation, or last (default: best).")
  var weights: RunEvaluator.Weights?
  @Option(help: "The number of classes to list, the most probable first.") var top = 1
  @Option(
    help: ArgumentHelp(
      """
      A CSV file of regions, image,x1,y1,x2,y2 in pixels, for networks that pool regions (default: whole images); for a \
      detector that was trained on proposals, the proposals.
      """, valueName: "file"))
  var boxes: String?
  @Option(help: "The unit of boxes, pixels or fractions of width and height (default: pixels, unless none is above 1).")
  var boxUnit: BoxUnit?
  @Option(
    help: ArgumentHelp(
      "Draw the objects that a detector finds on copies of the image files, PNG files in this folder.",
      valueName: "folder"))
  var draw: String?
  @Option(help: "Divide logits by this temperature, such as evaluate --calibrate finds.") var temperature = 1.0
  @Option(help: "csv or jsonl (default: by the name of --output; a table on a terminal, or else csv).")
  var format: PredictionFormat?
  @Option(help: "The file to write (default: standard output).") var output: String?
  @OptionGroup var overwriting: OverwriteOption
  @Flag(help: "End with 0 although some files cannot be read.") var skipUnreadable = false
  @OptionGroup var trust: Trust

  func validate() throws {
    guard (1...1 << 20).contains(top) else { throw ValidationError("--top is 1 or more") }
    guard temperature.isFinite, temperature > 0 else { throw ValidationError("--temperature is a number above 0") }
    guard boxUnit == nil || boxes != nil else { throw ValidationError("--box-unit needs --boxes") }
    guard weights == nil || !NetworkSource(directory).isConfiguration else {
      throw ValidationError("--weights chooses among a run's weights; a configuration names its own in weights.from")
    }
  }

  func run() throws {
    let source = NetworkSource(directory)
    let data = try source.dataPath
    if let output {
      try overwriting.requireNothing(
        at: output, inputs: try source.inputs + [data] + paths + [boxes].compactMap(\.self))
    }
    let files = try ImageFiles(at: paths)
    let regions = try boxes.map { try RegionList(reading: $0, unit: boxUnit) }
    try trust.examine(source.files(weights) + files.datasets)
    let evaluator = try source.evaluator(weights)
    if let plan = evaluator.loaded { standardError("weights from \(evaluator.weights)\n\n\(plan)\n\n") }
    let predictor = try ImagePredictor(evaluator, top: top, temperature: temperature)
    var drawing = try draw.map { folder in
      guard predictor.detects else {
        throw TrainingError("\(directory): the run finds no objects; predict without --draw")
      }
      return try DetectionDrawing(of: files.paths, in: folder, overwrites: overwriting.overwrite)
    }
    if !files.passedOver.isEmpty { standardError("passed over in folders: \(files.passedOverText)\n") }
    if boxes == nil, predictor.isTrainedOnRegions, !predictor.detects, !files.paths.isEmpty {
      standardError("the run was trained on regions; whole images are predicted, regions with --boxes\n")
    }
    if let regions {
      let count = try files.paths.count - regions.boxes(of: files.paths).count
      if count > 0 {
        standardError("\(count) of \(files.paths.count) images have no box in \(regions.path) and are left out\n")
      }
    }
    if temperature != 1 { standardError("probabilities at temperature \(temperature)\n") }
    var writer = try PredictionWriter(
      format ?? PredictionFormat(of: output), to: output, top: predictor.count(of: top),
      hasBoxes: regions != nil || predictor.isTrainedOnRegions)
    try writer.begin()
    var bar: ProgressLine?
    var (failures, withoutPrediction) = (0, 0)
    func say(_ text: String) { if bar == nil { standardError(text + "\n") } else { bar?.say(text) } }
    try predictor.predict(
      files, boxes: regions, shouldStop: { StopRequest.isRequested }
    ) { done, total in
      if bar == nil { bar = ProgressLine("predict", total: total, unit: "images") }
      if done == total { bar?.finish(done: done) } else { bar?.update(done: done) }
    } failed: { failure in
      failures += 1
      say(failure.message)
    } predicted: { prediction in
      if prediction.shares.isEmpty {
        withoutPrediction += 1
        say("\(prediction.file): its logits are not finite, it has no prediction")
      }
      drawing?.add(prediction)
      try writer.add(prediction)
    }
    try writer.finish()
    if let text = try drawing?.draw() { standardError(text) }
    guard failures > 0 || withoutPrediction > 0 else { return }
    let words = "\(failures) files cannot be read and \(withoutPrediction) samples have no prediction"
    guard skipUnreadable, withoutPrediction == 0 else {
      throw TrainingError(
        "\(directory): \(words), as named above; the others are predicted"
          + (withoutPrediction == 0 ? "; --skip-unreadable accepts that" : ""))
    }
    standardError("skipped: \(failures) files cannot be read\n")
  }
}
