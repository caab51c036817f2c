import Bulkhead
import Foundation
import Testing

/// Detection through the library, from a table of boxes to what is found.
@Suite struct DetectionJobTests {
  /// 16 gray images of 40 × 48 pixels with a bright square of 16 each, as BMP files, and the CSV file of their boxes.
  private func makeDataset(in workspace: Workspace) throws -> LabeledDataset {
    let (height, width) = (40, 48)
    try FileManager.default.createDirectory(atPath: workspace.file("photos"), withIntermediateDirectories: true)
    var lines = "image,x1,y1,x2,y2,label\n"
    for index in 0..<16 {
      let (left, top) = (index * 7 % 33, index * 5 % 25)
      func number(_ value: Int, _ bytes: Int = 4) -> [UInt8] { (0..<bytes).map { UInt8(value >> (8 * $0) & 255) } }
      var file = Array("BM".utf8) + number(54 + 3 * height * width) + number(0) + number(54)
      file += number(40) + number(width) + number(height) + number(1, 2) + number(24, 2)
      file += [UInt8](repeating: 0, count: 24)
      for row in (0..<height).reversed() {
        for column in 0..<width {
          let isInside = (left..<left + 16).contains(column) && (top..<top + 16).contains(row)
          file += [UInt8](repeating: isInside ? 220 : UInt8((row * 13 + column * 7 + index * 3) % 40), count: 3)
        }
      }
      try Data(file).write(to: URL(fileURLWithPath: workspace.file("photos/\(index).bmp")))
      lines += "\(index).bmp,\(left),\(top),\(left + 15),\(top + 15),square\n"
    }
    try workspace.write(lines, to: "boxes.csv")
    var preparation = DatasetPreparation(
      .boxes(.csv, .init(images: workspace.file("photos"), labels: workspace.file("boxes.csv"))), name: "squares")
    (preparation.validation, preparation.test) = (.count(2), .count(4))
    try preparation.run(writingTo: workspace.file("squares.h5"))
    return try LabeledDataset(opening: workspace.file("squares.h5"))
  }

  @Test func aDetectorIsTrainedAndEvaluated() async throws {
    try await Workspace.with { workspace in
      let dataset = try makeDataset(in: workspace)
      let configuration = try TrainingConfiguration(
        yaml: """
          task: detection
          network: {head: {kind: fc, width: 16, dropout: 0}}
          detection: {regionsPerImage: 16, anchors: {scales: [12, 16, 20], ratios: [1]}, network: {width: 16}}
          data: {path: \(workspace.file("squares.h5")), batch: 2}
          optimizer: {learningRate: 0.02}
          epochs: 8
          threads: 1
          """)
      let run = TrainingRun(directory: workspace.file("run"))
      try await run.start(configuration)
      let found = try run.evaluateDetector(isCancelled: { false })[0]
      #expect(found.images == 4 && found.classes.map(\.name) == ["square"] && found.classes[0].objects == 4)
      #expect(found.split == .test && found.withoutPrediction == 0 && found.text.contains("mAP"))
      let precision = try #require(found.mAP)
      #expect(precision == found.classes[0].averagePrecision && found.coco["AP50"] != nil)
      // 8 epochs are enough for a bright square on dark ground; chance is near 0.
      #expect(precision > 0.3, "\(precision)")
      #expect(found.detections.count >= found.classes[0].scores.count && !found.detections.isEmpty)
      let best = try #require(found.detections.max { $0.score < $1.score })
      #expect(Double(best.score) == found.classes[0].scores[0] && best.file?.hasSuffix(".bmp") == true)

      // Of dark squares on bright ground the network knows less.
      try dataset.writeShifted(.inverted, to: workspace.file("inverted.h5"))
      let both = try await run.evaluateDetector(on: [workspace.file("squares.h5"), workspace.file("inverted.h5")])
      #expect(both[0] == found && both[1].images == 4 && (both[1].mAP ?? 1) < precision)
      #expect(kind { () throws(BulkheadError) in _ = try run.evaluate(isCancelled: { false }) } == .invalid)
      #expect(
        kind { () throws(BulkheadError) in _ = try run.evaluateDetector(isCancelled: { true }) } == .cancelled)
    }
  }

  @Test func aClassifierIsNoDetector() async throws {
    try await Workspace.with { workspace in
      try workspace.makeDataset()
      let run = TrainingRun(directory: workspace.file("run"))
      try await run.start(workspace.configuration(epochs: 1))
      #expect(kind { () throws(BulkheadError) in _ = try run.evaluateDetector(isCancelled: { false }) } == .invalid)
    }
  }
}
