import Datasets
import Foundation
import Images
import Reports
import Support
import Tensors
import TestSupport
import Training

/// A small run on made-up pictures whose classes and files have the worst of names.
struct TrainedRun {
  static let classes = ["<script>alert(1)</script>", "a & b's \"level\"", "slanted"]

  let run: RunDirectory
  let configuration: Configuration
  var data: String { configuration.data.path }

  /// - Parameters:
  ///   - changes: of the configuration, as `--set` takes them.
  ///   - epochs: how many are done; nil is all, 0 begins the run alone.
  init(_ directory: borrowing TemporaryDirectory, _ changes: [String] = [], until epochs: Int? = nil) throws {
    let data = directory.path("stripes.h5")
    if !FileManager.default.fileExists(atPath: data) { try Self.writeDataset(to: data) }
    try TextFile.write(
      """
      network: {head: {kind: fc, width: 8, depth: 1, dropout: 0}}
      data: {path: "\(data)", batch: 8, augment: {flip: true}}
      optimizer: {learningRate: 0.02}
      epochs: 3
      threads: 1

      """, to: directory.path("run.yaml"))
    configuration = try Configuration(path: directory.path("run.yaml"), settings: changes).resolved()
    run = RunDirectory(directory.path("run"))
    if epochs == 0 {
      try run.create(for: configuration)
    } else {
      _ = try Trainer.start(configuration, in: run, until: epochs, holder: "a test")
    }
  }

  /// The name of an image's file.
  static func file(_ split: Split, _ index: Int) -> String { "\(split.rawValue)-\"><img src=x onerror='\(index)'>.png" }

  /// Pictures of 16 × 16 pixels, no two of them equal: 24 to train, 24 to validate, 12 to test.
  static func writeDataset(to path: String, seed: UInt64 = 7) throws {
    let header = DatasetHeader(
      name: "<i>stripes</i>", source: "made for tests", license: "CC0", classNames: classes, channels: 1)
    var writer = try DatasetWriter(path: path, header: header)
    var stream = RandomStream(seed: seed)
    var splits: [Split: [Int]] = [:]
    for index in 0..<60 {
      let label = index % 3
      var pixels = (0..<256).map { _ in UInt8(stream.integer(below: 130)) }
      for y in 2..<14 {
        for x in 2..<14 where [x, y, x + y][label] % 4 < 2 {
          pixels[y * 16 + x] = UInt8(90 + stream.integer(below: 160))
        }
      }
      let split: Split = index < 24 ? .train : index < 48 ? .validation : .test
      let position = try writer.append(
        Image(height: 16, width: 16, channels: 1, pixels: pixels), regions: [LabeledRegion(label: label)],
        fileName: file(split, index))
      splits[split, default: []].append(position)
    }
    try writer.finish(splits: splits)
  }

  func report(_ change: (inout RunReportOptions) -> Void = { _ in }) throws -> (text: String, page: ReportedPage) {
    var options = RunReportOptions()
    change(&options)
    let text = try RunReport(of: run, options).html()
    return (text, try ReportedPage(text))
  }

  func evaluation(_ split: Split = .validation) throws -> DomainEvaluation<ClassificationReport> {
    try RunEvaluator(run, weights: .best).evaluate(as: Classification.self, split: split).domains[0]
  }
}
