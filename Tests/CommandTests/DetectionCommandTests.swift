import Foundation
import Tensors
import TestSupport
import Testing

/// Detection from annotations to boxes on pictures, through the program.
@Suite struct DetectionCommandTests {
  /// 20 pictures of 40 x 48 pixels with a bright square each, and the CSV file of their boxes.
  private func prepare(in directory: String) throws {
    try FileManager.default.createDirectory(atPath: "\(directory)/photos", withIntermediateDirectories: true)
    var stream = RandomStream(seed: 3)
    var lines = "image,x1,y1,x2,y2,label\n"
    for index in 0..<20 {
      var pixels = (0..<40 * 48).map { _ in UInt8(stream.integer(below: 40)) }
      let (x, y) = (stream.integer(below: 32), stream.integer(below: 24))
      for row in y..<y + 16 { for column in x..<x + 16 { pixels[48 * row + column] = 220 } }
      try writePNG(pixels, height: 40, width: 48, channels: 1, to: "\(directory)/photos/\(index).png")
      lines += "\(index).png,\(x),\(y),\(x + 15),\(y + 15),square\n"
    }
    try Data(lines.utf8).write(to: URL(fileURLWithPath: directory + "/boxes.csv"))
    let prepared = try Command(
      "prepare", "csv-boxes", "boxes.csv", "--images", "photos", "--test", "5", "--validation", "3", "--output",
      "photos.h5", in: directory)
    #expect(prepared.status == 0, "\(prepared.errors)")
    let configuration = """
      task: detection
      network: {head: {kind: fc, width: 32, dropout: 0}}
      detection: {regionsPerImage: 16, anchors: {scales: [12, 16, 20], ratios: [1]}, network: {width: 16}}
      data: {path: photos.h5, batch: 2}
      optimizer: {learningRate: 0.02}
      epochs: 6
      threads: 1
      """
    try Data(configuration.utf8).write(to: URL(fileURLWithPath: directory + "/net.yaml"))
  }

  @Test func trainEvaluatePredict() throws {
    try withDirectory { directory in
      try prepare(in: directory)
      let inspected = try Command("inspect", "net.yaml", in: directory)
      #expect(
        inspected.output.contains("head.boxes") && inspected.output.contains("rpn.rpn_deltas"), "\(inspected.errors)")
      let trained = try Command("train", "net.yaml", "--run", "run", in: directory)
      #expect(trained.status == 0, "\(trained.errors)")
      let evaluated = try Command("evaluate", "run", "--predictions", "found.json", in: directory)
      #expect(evaluated.status == 0, "\(evaluated.errors)")
      #expect(evaluated.output.contains("mAP") && evaluated.output.contains("square"), "\(evaluated.output)")
      let results =
        try JSONSerialization.jsonObject(
          with: Data(contentsOf: URL(fileURLWithPath: directory + "/found.json"))) as? [[String: Any]]
      let first = try #require(results?.first)
      #expect(Set(first.keys) == ["image_id", "file_name", "category_id", "category_name", "bbox", "score"])
      #expect((first["bbox"] as? [Double])?.count == 4 && first["category_id"] as? Int == 1)
      // What evaluate finds in the test images is found in their files.
      let predicted = try Command("predict", "run", "photos", "--draw", "drawn", "--output", "found.csv", in: directory)
      #expect(predicted.status == 0, "\(predicted.errors)")
      #expect(predicted.errors.contains("drew 20 images in drawn") && predicted.errors.contains("square red"))
      let lines = try String(contentsOfFile: directory + "/found.csv", encoding: .utf8).split(separator: "\n")
      #expect(lines[0] == "file,x1,y1,x2,y2,class,probability")
      let file = try #require(first["file_name"] as? String)
      let score = try #require(first["score"] as? Double)
      #expect(
        lines.contains { line in
          let fields = line.split(separator: ",")
          return fields[0] == "photos/\(file)" && abs((Double(fields[6]) ?? 0) - score) < 1e-5
        }, "\(file) \(score)")
      #expect(FileManager.default.fileExists(atPath: directory + "/drawn/0.png"))
      // Nothing is overwritten, and what has no effect is refused.
      #expect(
        try Command("predict", "run", "photos", "--draw", "drawn", in: directory).errors.contains("exists already"))
      #expect(try Command("predict", "run", "photos", "--top", "2", in: directory).errors.contains("each of one class"))
      #expect(
        try Command("predict", "run", "photos", "--boxes", "boxes.csv", in: directory).errors
          .contains("finds its regions itself"))
      #expect(try Command("evaluate", "run", "--calibrate", in: directory).status != 0)
    }
  }

  /// Proposals come with the dataset, and for files with --boxes.
  @Test func proposalsAreNeeded() throws {
    try withDirectory { directory in
      try prepare(in: directory)
      let prepared = try Command(
        "prepare", "csv-boxes", "boxes.csv", "--images", "photos", "--test", "5", "--validation", "3", "--proposals",
        "boxes.csv", "--output", "given.h5", in: directory)
      #expect(prepared.status == 0, "\(prepared.errors)")
      let settings = ["--set", "detection.proposals=dataset", "--set", "epochs=1"]
      let missing = try Command(["train", "net.yaml", "--run", "none"] + settings, in: directory)
      #expect(missing.status != 0 && missing.errors.contains("it has no proposals"), "\(missing.errors)")
      let trained = try Command(
        ["train", "net.yaml", "--run", "given", "--set", "data.path=given.h5"] + settings, in: directory)
      #expect(trained.status == 0, "\(trained.errors)")
      let without = try Command("predict", "given", "photos", in: directory)
      #expect(without.status != 0 && without.errors.contains("--boxes"), "\(without.errors)")
      let predicted = try Command("predict", "given", "photos", "--boxes", "boxes.csv", in: directory)
      #expect(predicted.status == 0 && predicted.output.hasPrefix("file,x1,y1,x2,y2,class,probability"))
      #expect(try Command("predict", "given", "given.h5", in: directory).status == 0)
    }
  }

  /// Heads of detectors under domain shift: trained, chosen on validation, tested once, shown by their metric.
  @Test func aStudyComparesHeads() throws {
    try withDirectory { directory in
      try prepare(in: directory)
      let study = """
        name: detect
        domains:
          - {name: photos, source: photos.h5, target: photos.h5}
          - {name: inverted, target: photos.h5, shift: inverted}
        arms:
          - {name: fc, settings: {network: {head: {kind: fc, width: 16, depth: 1, dropout: 0}}}}
          - {name: gap, settings: {network: {head: {kind: gap}}}}
          - {name: conv, settings: {network: {head: {kind: fc-conv, width: 16, depth: 1, dropout: 0}}}}
        seeds: [1]
        learningRates: [0.02]
        search: {extensions: 0}
        workers: 2
        common:
          task: detection
          detection: {regionsPerImage: 16, anchors: {scales: [12, 16, 20], ratios: [1]}, network: {width: 16}}
          data: {batch: 2}
        pretraining: {epochs: 2}
        finetuning: {epochs: 2}
        """
      try Data(study.utf8).write(to: URL(fileURLWithPath: directory + "/detect.yaml"))
      let run = try Command("study", "run", "detect.yaml", in: directory)
      #expect(run.status == 0, "\(run.errors)\n\(run.output)")
      #expect(!run.output.contains("ccuracy"), "\(run.output)")
      let shown = try Command("study", "table", "detect.yaml", in: directory)
      #expect(
        shown.output.contains("mAP on test images in percent") && !shown.output.contains("ccuracy"), "\(shown.output)")
      // Every chosen run has a test score, the mAP of its own file.
      let table = try String(contentsOfFile: directory + "/checkpoints/detect/results.csv", encoding: .utf8)
        .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
      let (name, score) = (0, try #require(table[0].firstIndex(of: "testAccuracy")))
      #expect(table.count > 6)
      for row in table.dropFirst() {
        let file = URL(fileURLWithPath: "\(directory)/checkpoints/detect/\(row[name])/test.json")
        let value = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        let report = try #require((value["domains"] as? [[String: Any]])?.first?["report"] as? [String: Any])
        let first = try #require((report["classes"] as? [[String: Any]])?.first)
        #expect(first["averagePrecision"] as? Double == Double(row[score]))
      }
      // Boxes would have to turn along.
      let turned = study.replacingOccurrences(of: "shift: inverted", with: "shift: rotated")
      try Data(turned.utf8).write(to: URL(fileURLWithPath: directory + "/turned.yaml"))
      let refused = try Command("study", "run", "turned.yaml", in: directory)
      #expect(refused.status != 0 && refused.errors.contains("rotated does not move"), "\(refused.errors)")
    }
  }
}
