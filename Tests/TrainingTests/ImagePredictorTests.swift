import Datasets
import Foundation
import Networks
import Serialization
import Support
import Tensors
import TestSupport
import Testing
import Training
import Weights

/// What is predicted for image files is what an evaluation predicts for the dataset made of them.
@Suite struct ImagePredictorTests {
  /// Two classes of pictures of several sizes, some gray, some in color.
  static func writePictures(to folder: String) throws {
    var random = RandomStream(seed: 11)
    for name in ["cat", "dog"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      for index in 0..<6 {
        let (height, width, channels) = (20 + 3 * index, 34 - 2 * index, index % 3 == 0 ? 1 : 3)
        let samples = (0..<height * width * channels).map { _ in UInt8(random.integer(below: 256)) }
        try writePNG(samples, height: height, width: width, channels: channels, to: "\(folder)/\(name)/\(index).png")
      }
    }
  }

  /// A network with random weights that takes images of every size, with the data settings of a configuration.
  static func evaluator(
    _ directory: borrowing TemporaryDirectory, data: String, regions: Bool = false
  ) throws -> RunEvaluator {
    let pool =
      regions
      ? "{kind: roi-pool, name: head.roi, grid: 2}, {kind: flatten, name: head.flatten}"
      : "{kind: global-average-pooling, name: head.pool}"
    let text = """
      network:
        size: 16
        layers: [{kind: convolution, name: features.conv, outputs: 4, kernel: 3, padding: 1, stride: 2},
          {kind: relu, name: features.relu}, \(pool), {kind: linear, name: head.classifier}]
      data: {path: \(directory.path("pictures.h5")), inputNormalization: torch, \(data)}
      weights: {from: \(directory.path("random.h5"))}
      threads: 1

      """
    var configuration = try StrictDecoder(source: "test").decode(Configuration.self, from: text)
    let dataset = try Dataset(opening: configuration.data.path)
    let channels = configuration.data.channels ?? dataset.channels
    if channels == 1 { configuration.data.inputNormalization = .symmetric }
    let network = try configuration.network.network(channels: channels, classes: 2, regions: regions)
    var parameters = network.initialParameters(seed: 5)
    // Initial biases are zero, and initial logits so small that all answers are alike.
    if let weight = parameters["head.classifier.weight"] {
      parameters["head.classifier.weight"] = Tensor(weight.values.map { 5 * $0 }, shape: weight.shape)
    }
    try WeightsFile.write(parameters, to: directory.path("random.h5"))
    return try RunEvaluator(configuration)
  }

  static func predictions(
    _ evaluator: RunEvaluator, _ paths: [String], boxes: String? = nil, top: Int = 1, temperature: Double = 1
  ) throws -> (predictions: [ImagePrediction], failures: [String]) {
    var (predictions, failures): ([ImagePrediction], [String]) = ([], [])
    try ImagePredictor(evaluator, top: top, temperature: temperature).predict(
      ImageFiles(at: paths), boxes: boxes.map { try RegionList(reading: $0) }
    ) {
      failures.append($0.message)
    } predicted: {
      predictions.append($0)
    }
    return (predictions, failures)
  }

  @Test(
    arguments: [
      ("resize: {shorter: 18, crop: 16}", nil, 3), ("evaluationSize: 24", ImageResizing(shorter: 20), 3),
      ("channels: 3, resize: {crop: 12}", ImageResizing(shorter: 17, crop: 15), 1), ("batch: 3", nil, 1),
    ] as [(String, ImageResizing?, Int)])
  func filesArePreparedAsInEvaluation(data: String, resizing: ImageResizing?, channels: Int) throws {
    let directory = try TemporaryDirectory()
    let folder = directory.path("pictures")
    try Self.writePictures(to: folder)
    var preparation = Preparation(source: .folder(folder), name: "pictures", origin: "", license: "")
    (preparation.validation, preparation.test) = (.count(0), .count(0))
    (preparation.resizing, preparation.channels) = (resizing, channels)
    _ = try preparation.run(writingTo: directory.path("pictures.h5"))
    let evaluator = try Self.evaluator(directory, data: data)
    let expected = try evaluator.evaluate(as: Classification.self, split: .train).domains[0].predictions
    let found = try Self.predictions(evaluator, [folder], top: 2)
    #expect(found.failures.isEmpty && found.predictions.count == 12)
    #expect(
      found.predictions.map(\.file) == ["cat", "dog"].flatMap { name in (0..<6).map { "\(folder)/\(name)/\($0).png" } })
    #expect(found.predictions.map { $0.shares.first?.name } == expected.map(\.predicted))
    #expect(found.predictions.map { $0.shares.first?.probability } == expected.map(\.probability))
    #expect(Set(expected.map(\.probability)).count == 12)
    for prediction in found.predictions {
      #expect(abs(prediction.shares.reduce(0) { $0 + $1.probability } - 1) < 1e-12)
    }
    // The dataset itself, without its labels.
    let again = try Self.predictions(evaluator, [directory.path("pictures.h5")]).predictions
    #expect(again.map { $0.shares[0] } == found.predictions.map { $0.shares[0] })
    #expect(again[7].file == "dog/1.png" && expected[7].file == "dog/1.png")
  }

  @Test func regionsArePreparedAsInEvaluation() throws {
    let directory = try TemporaryDirectory()
    let folder = directory.path("pictures")
    try Self.writePictures(to: folder)
    let rows = [
      "cat/0.png,1,2,17,18,cat", "cat/0.png,4,0,30,11,dog", "cat/5.png,3,3,20,30,cat", "dog/1.png,0,0,8.5,22,dog",
    ]
    try TextFile.write(
      "image,x1,y1,x2,y2,label\n" + rows.joined(separator: "\n") + "\n", to: directory.path("boxes.csv"))
    var preparation = Preparation(
      source: .boxes(
        .csv, train: .init(images: folder, labels: directory.path("boxes.csv")), test: nil),
      name: "regions", origin: "", license: "")
    (preparation.validation, preparation.test) = (.count(0), .count(0))
    preparation.resizing = ImageResizing(shorter: 24)
    _ = try preparation.run(writingTo: directory.path("pictures.h5"))
    let evaluator = try Self.evaluator(directory, data: "resize: {shorter: 20}", regions: true)
    let expected = try evaluator.evaluate(as: Classification.self, split: .train).domains[0].predictions
    let found = try Self.predictions(evaluator, [folder], boxes: directory.path("boxes.csv"))
    #expect(found.failures.isEmpty && found.predictions.count == 4 && expected.count == 4)
    #expect(Set(expected.map(\.image)).count == 3)
    #expect(found.predictions.map { $0.shares[0].name } == expected.map { $0.predicted ?? "" })
    #expect(found.predictions.map { $0.shares[0].probability } == expected.map { $0.probability ?? 0 })
    #expect(found.predictions.map(\.box).contains(Box(x1: 4, y1: 0, x2: 30, y2: 11)))
    #expect(Set(found.predictions.map(\.shares[0].probability)).count == 4)
    // A network that pools no regions has no use for boxes.
    let whole = try Self.evaluator(directory, data: "resize: {shorter: 20}", regions: true)
    #expect(try Self.predictions(whole, [folder]).predictions.count == 12)
    for (text, part) in [
      ("cat/9.png,1,1,2,2\n", "not among the images"), ("0.png,1,1,2,2\n", "2 of the images"),
      ("cat/0.png,5,1,2,2\n", "ends before it begins"), ("cat/0.png,1,a,2,2\n", "four numbers"),
      ("cat/0.png,1,2\n", "3 fields"), ("", "no boxes"),
    ] {
      try TextFile.write(text, to: directory.path("bad.csv"))
      let error = #expect(throws: FileError.self) {
        try Self.predictions(evaluator, [folder], boxes: directory.path("bad.csv"))
      }
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }
    try TextFile.write("cat/0.png,900,1,1000,2\n", to: directory.path("far.csv"))
    // Fractions of 20 x 34 pixels, which nobody takes for pixels unasked; any separator.
    try TextFile.write("image;x1;y1;x2;y2\ncat/0.png;0.5;0.25;1.0;0.75\n", to: directory.path("parts.csv"))
    let unasked = #expect(throws: FileError.self) { try RegionList(reading: directory.path("parts.csv")) }
    #expect(unasked?.message.contains("the corners of all 1 boxes lie between 0 and 1.0") == true)
    let parts = try RegionList(reading: directory.path("parts.csv"), unit: .fractions)
    #expect(parts.entries["cat/0.png"]?[0].box(height: 20, width: 34) == Box(x1: 17, y1: 5, x2: 33, y2: 14))
    try TextFile.write("cat/0.png,17,5,33,14\n", to: directory.path("pixels.csv"))
    let pixels = try Self.predictions(evaluator, [folder], boxes: directory.path("pixels.csv")).predictions
    var same: [ImagePrediction] = []
    try ImagePredictor(evaluator).predict(ImageFiles(at: [folder]), boxes: parts) { _ in
    } predicted: {
      same.append($0)
    }
    #expect(same == pixels && same.count == 1)
    #expect(throws: FileError.self) { try RegionList(reading: directory.path("pixels.csv"), unit: .fractions) }
    try TextFile.write("image,x1,y1,x2,y2,x3,y3,x4,y4\n0.png,1,1,3,1,3,3,1,3\n", to: directory.path("quad.csv"))
    let quad = #expect(throws: FileError.self) { try RegionList(reading: directory.path("quad.csv")) }
    #expect(quad?.message.contains("boxes of four corners") == true)
    let far = try Self.predictions(evaluator, [folder], boxes: directory.path("far.csv"))
    #expect(far.predictions.isEmpty && far.failures.count == 1 && far.failures[0].contains("record 1 lies outside"))
  }

  @Test func whatCannotBeReadIsNamed() throws {
    let directory = try TemporaryDirectory()
    let folder = directory.path("pictures")
    try Self.writePictures(to: folder)
    var preparation = Preparation(source: .folder(folder), name: "pictures", origin: "", license: "")
    (preparation.validation, preparation.test) = (.count(0), .count(0))
    _ = try preparation.run(writingTo: directory.path("pictures.h5"))
    let evaluator = try Self.evaluator(directory, data: "batch: 4")
    try TextFile.write("no picture", to: "\(folder)/cat/broken.png")
    try TextFile.write("words", to: "\(folder)/dog/notes.txt")
    try TextFile.write("hidden", to: "\(folder)/.hidden.png")
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/again", withDestinationPath: folder)
    let files = try ImageFiles(at: [folder, "\(folder)/dog/1.png"])
    #expect(files.paths.count == 14 && files.passedOver == [".txt files": 1, "links to folders": 1, "hidden files": 1])
    #expect(files.passedOverText == "1 .txt files, 1 hidden files, 1 links to folders")
    let found = try Self.predictions(evaluator, [folder])
    #expect(found.predictions.count == 12 && found.failures.count == 1)
    #expect(found.failures[0].contains("\(folder)/cat/broken.png"))
    // Probabilities at a temperature keep their order and come nearer to each other.
    let warm = try Self.predictions(evaluator, [folder], temperature: 3).predictions
    for (cold, warm) in zip(found.predictions, warm) {
      #expect(cold.shares[0].name == warm.shares[0].name && cold.shares[0].probability > warm.shares[0].probability)
      let odds = cold.shares[0].probability / (1 - cold.shares[0].probability)
      let expected = pow(odds, 1 / 3.0)
      #expect(abs(warm.shares[0].probability / (1 - warm.shares[0].probability) / expected - 1) < 1e-6)
    }
    for (paths, part) in [
      (["nowhere.png"], "no such file"), ([directory.path("empty")], "nothing in it"),
      ([directory.path("texts")], "no images, but 1 .txt files"),
    ] {
      try FileManager.default.createDirectory(atPath: directory.path("empty"), withIntermediateDirectories: true)
      try FileManager.default.createDirectory(atPath: directory.path("texts"), withIntermediateDirectories: true)
      try TextFile.write("words", to: directory.path("texts/a.txt"))
      let error = #expect(throws: FileError.self) { try ImageFiles(at: paths) }
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }
  }
}
