import ArgumentParser
import Datasets
import Reports
import Support
import Training

/// Writes the page of a single run.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a page about a run: curves, results by class, mistakes and pictures.",
    discussion: """
      One HTML file that needs no other and no network. Of a classifier it shows learning curves, accuracy of each class with \
      intervals, confusion, calibration, and the mistakes as pictures; of a detector precision and recall, average precision by \
      class and size, and pictures with ground truth and detections. Both show what augmentation does to a picture and how far \
      each layer's weights moved.

      The network is measured on the run's validation images, on which its best epoch was chosen. Test images are read with \
      --split test alone: nothing may be chosen by them. A run that is not finished has a page too.
      """)
  @Argument(help: "The run's directory.") var directory: String
  @Option(help: "A dataset file to measure the network on (default: the run's own).") var on: String?
  @Option(help: "The part of the dataset.") var split = Split.validation
  @Option(help: "Which of the run's weights: best on validation, or last.") var weights = RunEvaluator.Weights.best
  @Option(help: "How a dataset's classes are matched with the network's: by-name or by-position.")
  var classes = ClassRuleOption.byName
  @Option(
    help: ArgumentHelp("A file of 'data name: network name' for classes of other names.", valueName: "file"))
  var classMap: String?
  @Option(help: "Show the feature maps of this image of the dataset, counted from 0.") var picture: Int?
  @Option(name: .shortAndLong, help: "The file to write (default: report.html in the run's directory).")
  var output: String?
  @OptionGroup var overwriting: OverwriteOption
  @Flag(help: "Write the page again whenever the run has come further, until it has ended or this is interrupted.")
  var watch = false
  @OptionGroup var trust: Trust

  func validate() throws {
    guard classMap == nil || classes == .byName else {
      throw ValidationError("--class-map names classes, and --classes by-position ignores names; choose one of the two")
    }
    guard picture ?? 0 >= 0 else { throw ValidationError("--picture is 0 or more") }
  }

  func run() throws {
    let run = RunDirectory(directory)
    let place = try RunReport.page(of: run)
    let page = output ?? place
    let own = [try run.loadConfiguration().data.path]
    let inputs = run.ownFiles + own + [on, classMap].compactMap(\.self)
    // The page of the run in its own place is written again as its results are.
    if output != nil || !RunReport.isPage(page) { try overwriting.requireNothing(at: page, inputs: inputs) }
    try trust.examine(
      ((on.map { [$0] } ?? own) + [weights == .best ? run.best : run.last]).filter(FileSystem.exists))
    var options = RunReportOptions()
    (options.dataset, options.split, options.weights, options.picture) = (on, split, weights, picture)
    options.classes = try classes == .byPosition ? .byPosition : .byName(classMap.map { try ClassMap(reading: $0) })
    var bar: (title: String, line: ProgressLine)?
    func show(_ path: String, _ done: Int, _ total: Int) {
      let title = "evaluate \(path)"
      if bar?.title != title { bar = (title, ProgressLine(title, total: total, unit: "images")) }
      if done == total {
        bar?.line.finish(done: done)
        bar = nil
      } else {
        bar?.line.update(done: done)
      }
    }
    guard watch else {
      let report = try RunReport(of: run, options, shouldStop: { StopRequest.isRequested }, progress: show)
      try report.write(to: page)
      if let missing = report.missing { standardError(missing + "\n") }
      print(page)
      return
    }
    var writes = 0
    try RunReport.follow(
      run, options, to: page, shouldStop: { StopRequest.isRequested }, progress: show
    ) { _ in
      if writes == 0 { standardError("\(page) is written again as the run goes; end with Ctrl-C\n") }
      writes += 1
    }
    guard writes > 0 else { throw Interruption.stoppedForGood }
    print(page)
  }
}
