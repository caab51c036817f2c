import Foundation
import Tensors
import TestSupport
import Testing
import Weights

/// Predictions for images without labels.
@Suite struct PredictTests {
  /// 8 pictures of 2 x 2 pixels in two folders, whose first pixel decides, their dataset, and a network's weights.
  private func prepare(in directory: String) throws {
    for name in ["dark", "light"] {
      try FileManager.default.createDirectory(
        atPath: "\(directory)/photos/\(name)", withIntermediateDirectories: true)
      for index in 0..<4 {
        let first = UInt8((name == "dark" ? 0 : 120) + 20 * index)
        try writePNG(
          [first, UInt8(index), 7, 9], height: 2, width: 2, channels: 1, to: "\(directory)/photos/\(name)/\(index).png")
      }
    }
    let prepared = try Command(
      "prepare", "folder", "photos", "--test", "3", "--validation", "0", "--output", "photos.h5",
      in: directory)
    #expect(prepared.status == 0, "\(prepared.errors)")
    var matrix = [Float](repeating: 0, count: 8)
    matrix[1] = 0.02
    try WeightsFile.write(
      Parameters([
        ("head.classifier.weight", Tensor(matrix, shape: [4, 2])), ("head.classifier.bias", Tensor([1.5, 0])),
      ]), to: directory + "/net.weights")
    let text = """
      network: {size: 2, layers: [{kind: flatten, name: head.flatten}, {kind: linear, name: head.classifier}]}
      data: {path: photos.h5, inputNormalization: raw}
      weights: {from: net.weights}
      """
    try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/net.yaml"))
  }

  @Test func filesAndDatasetsAreWrittenAsCSVAndJSON() throws {
    try withDirectory { directory in
      try prepare(in: directory)
      let csv = try Command("predict", "net.yaml", "photos", "--top", "5", in: directory)
      #expect(csv.status == 0, "\(csv.errors)")
      // The table that evaluate prints.
      #expect(
        csv.errors.hasPrefix("weights from net.weights\n\ntensor") && csv.errors.contains("loaded"), "\(csv.errors)")
      let lines = csv.output.split(separator: "\n").map(String.init)
      #expect(lines.count == 9 && lines[0] == "file,class,probability,class2,probability2")
      #expect(lines[1].hasPrefix("photos/dark/0.png,dark,0.81757") && lines[8].hasPrefix("photos/light/3.png,light,"))
      // What evaluate lists for the test images of the dataset is predicted for their files.
      let evaluated = try Command("evaluate", "net.yaml", "--predictions", "e.csv", in: directory)
      #expect(evaluated.status == 0, "\(evaluated.errors)")
      let rows = try String(contentsOfFile: directory + "/e.csv", encoding: .utf8).split(separator: "\n").dropFirst()
      #expect(rows.count == 6)
      for row in rows {
        let fields = row.split(separator: ",")
        #expect(lines.contains { $0.hasPrefix("photos/\(fields[3]),\(fields[5]),\(fields[6]),") }, "\(row)")
      }
      let json = try Command(
        "predict", "net.yaml", "photos/light/3.png", "photos.h5", "--output", "p.jsonl", "--temperature", "2",
        in: directory)
      #expect(json.status == 0 && json.output.isEmpty && json.errors.contains("temperature 2.0"), "\(json.errors)")
      let objects = try String(contentsOfFile: directory + "/p.jsonl", encoding: .utf8).split(separator: "\n").map {
        try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      let again = try Command("predict", "net.yaml", "photos.h5", "--output", "p.jsonl", in: directory)
      #expect(again.status != 0 && again.errors.contains("p.jsonl: it exists already"), "\(again.errors)")
      let replaced = try Command(
        "predict", "net.yaml", "photos/light/3.png", "--output", "p.jsonl", "--overwrite", in: directory)
      #expect(replaced.status == 0, "\(replaced.errors)")
      #expect(try String(contentsOfFile: directory + "/p.jsonl", encoding: .utf8).split(separator: "\n").count == 1)
      #expect(objects.count == 9 && objects[0]["file"] as? String == "photos/light/3.png")
      // The logits are 1.5 and 0.02 · 180.
      let probability = try #require(objects[0]["probability"] as? Double)
      #expect(abs(probability - 1 / (1 + exp(-(3.6 - 1.5) / 2))) < 1e-6)
      #expect(objects[1...].compactMap { $0["file"] as? String }.sorted().first == "dark/0.png")
    }
  }

  @Test func unreadableFilesAreNamedAndEndWithACode() throws {
    try withDirectory { directory in
      try prepare(in: directory)
      try Data("words".utf8).write(to: URL(fileURLWithPath: directory + "/photos/dark/broken.png"))
      try Data("words".utf8).write(to: URL(fileURLWithPath: directory + "/photos/notes.txt"))
      try writePNG([1, 2, 3], height: 1, width: 1, channels: 3, to: directory + "/photos/small.png")
      let command = try Command("predict", "net.yaml", "photos", in: directory)
      #expect(command.status == 65 && command.output.split(separator: "\n").count == 9, "\(command.output)")
      for part in ["photos/dark/broken.png", "photos/small.png", "2 files cannot be read", "1 .txt files"] {
        #expect(command.errors.contains(part), "\(command.errors)")
      }
      let skipped = try Command("predict", "net.yaml", "photos", "--skip-unreadable", in: directory)
      #expect(skipped.status == 0 && skipped.output == command.output && skipped.errors.contains("broken.png"))
      let cases: [(arguments: [String], status: Int32, message: String)] = [
        (["net.yaml", "nowhere"], 66, "nowhere: there is no such file"),
        (["net.yaml", "caf\u{FFFD}.png"], 65, "its name is not UTF-8"),
        (["net.yaml", "photos", "--top", "0"], 64, "--top is 1 or more"),
        (["net.yaml", "photos", "--temperature", "0"], 64, "--temperature is a number above 0"),
        (["net.weights", "photos"], 65, "it is a file; expected the directory of a run"),
        (["photos", "photos"], 66, "configuration.yaml: there is no such file"),
        (["net.yaml", "photos/dark/0.png", "--boxes", "b.csv", "--box-unit", "pixels"], 65, "pools no regions"),
        (
          ["net.yaml", "photos/dark/0.png", "--boxes", "b.csv"], 65,
          "say --box-unit fractions, otherwise --box-unit pixels"
        ),
        (["net.yaml", "photos", "--box-unit", "pixels"], 64, "--box-unit needs --boxes"),
      ]
      try Data("0.png,0,0,1,1\n".utf8).write(to: URL(fileURLWithPath: directory + "/b.csv"))
      for (arguments, status, message) in cases {
        let command = try Command(["predict"] + arguments, in: directory)
        #expect(command.status == status && command.errors.contains(message), "\(command.errors)")
      }
    }
  }

  @Test func classesAreMatchedAsAsked() throws {
    try withDirectory { directory in
      try prepare(in: directory)
      for (folder, name) in [("dark", "Dark"), ("light", "hell")] {
        try FileManager.default.createDirectory(atPath: directory + "/other", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(directory)/photos/\(folder)", toPath: "\(directory)/other/\(name)")
      }
      let prepared = try Command(
        "prepare", "folder", "other", "--test", "3", "--validation", "0", "--output", "other.h5",
        in: directory)
      #expect(prepared.status == 0, "\(prepared.errors)")
      try Data("hell: light\n".utf8).write(to: URL(fileURLWithPath: directory + "/map.yaml"))
      let evaluate = ["evaluate", "net.yaml", "--on", "other.h5"]
      let named = try Command(evaluate, in: directory)
      #expect(named.status == 0 && named.output.contains("(3 of 3;"), "\(named.output)\(named.errors)")
      #expect(named.output.contains("Dark = dark") && named.output.contains("hell (3 images)"))
      let mapped = try Command(evaluate + ["--class-map", "map.yaml"], in: directory)
      #expect(mapped.status == 0 && mapped.output.contains("hell = light") && mapped.output.contains(" of 6;"))
      let placed = try Command(evaluate + ["--classes", "by-position"], in: directory)
      #expect(placed.status == 0 && placed.output.contains("compared by position") && placed.output.contains(" of 6;"))
      let both = try Command(evaluate + ["--classes", "by-position", "--class-map", "map.yaml"], in: directory)
      #expect(both.status == 64 && both.errors.contains("choose one of the two"))
      let folder = try Command("evaluate", "net.yaml", "--on", "photos", in: directory)
      #expect(
        folder.status == 65 && folder.errors.contains("photos: it is a directory; expected the file of a dataset"))
      // The network of a configuration is shown for its data.
      let shown = try Command("inspect", "net.yaml", in: directory)
      #expect(shown.output.contains("for the first image of photos.h5 and its 2 classes"), "\(shown.output)")
      #expect(shown.output.contains("2 × 2 × 1"))
    }
  }
}
