import Datasets
import Foundation
import Images
import Tensors
import Testing
import Weights

/// Evaluation of unchanged weights, sample by sample.
@Suite struct EvaluateTests {
  private static let network = """
    network: {size: 2, layers: [{kind: flatten, name: head.flatten}, {kind: linear, name: head.classifier}]}
    data: {path: a.h5, inputNormalization: raw}

    """

  /// 20 pictures of 2 x 2 pixels, whose first is the picture's number n, and two classes; and weights with which the
  /// logits are n / 100 and 0.1.
  private func prepare(in directory: String, weights: Parameters? = nil) throws {
    try writeTwenty(in: directory)
    let prepared = try Command(
      "prepare", "csv", "a.csv", "--label", "last", "--classes", "even, odd \"1\"", "--test", "4", "--validation",
      "20%",
      "--name", "pictures, small", "--output", "a.h5", in: directory)
    #expect(prepared.status == 0, "\(prepared.errors)")
    var matrix = [Float](repeating: 0, count: 8)
    matrix[0] = 0.01
    let parameters = Parameters([
      ("head.classifier.weight", Tensor(matrix, shape: [4, 2])), ("head.classifier.bias", Tensor([0, 0.1])),
    ])
    try WeightsFile.write(weights ?? parameters, to: directory + "/a.weights")
  }

  @Test func everySampleIsListedWithItsPrediction() throws {
    try withDirectory { directory in
      try prepare(in: directory)
      try Data((Self.network + "weights: {from: a.weights}\n").utf8)
        .write(to: URL(fileURLWithPath: directory + "/net.yaml"))
      let command = try Command(
        "evaluate", "net.yaml", "--predictions", "p.csv", "--on", "a.h5", "--json", in: directory)
      #expect(command.status == 0, "\(command.errors)")
      let lines = try String(contentsOfFile: directory + "/p.csv", encoding: .utf8).split(separator: "\n")
      #expect(lines.first == "dataset,sample,image,file,label,predicted,probability,correct")
      let dataset = try Dataset(opening: directory + "/a.h5")
      let samples = dataset.samples(of: .test)
      #expect(samples.count == 8 && lines.count == 9)
      let names = ["even", #""odd ""1""""#]
      var correct = 0
      for (line, sample) in zip(lines.dropFirst(), samples) {
        let number = Double(try dataset.image(at: dataset.imageIndex(of: sample)).pixels[0])
        // The first of two equal logits wins.
        let predicted = number / 100 >= 0.1 - 1e-9 ? 0 : 1
        let probability = 1 / (1 + exp(-abs(number / 100 - 0.1)))
        let label = dataset.label(of: sample)
        correct += label == predicted ? 1 : 0
        let head =
          #""pictures, small",\#(sample),\#(dataset.imageIndex(of: sample)),,\#(names[label]),\#(names[predicted]),"#
        #expect(line.hasPrefix(head) && line.hasSuffix(label == predicted ? ",1" : ",0"), "\(line)")
        let found = line.dropFirst(head.count).split(separator: ",").first.flatMap { Double($0) }
        #expect(abs((found ?? 0) - probability) < 1e-5, "\(line)")
      }
      #expect((1..<8).contains(correct))
      #expect(command.output.contains("\"correct\" : \(correct),"))
    }
  }

  @Test func whatCannotBeEvaluatedIsRefused() throws {
    try withDirectory { directory in
      let three = Parameters([
        ("head.classifier.weight", Tensor(zeros: [4, 3])), ("head.classifier.bias", Tensor(zeros: [3])),
      ])
      try prepare(in: directory, weights: three)
      let cases: [(weights: String, arguments: [String], status: Int32, message: String)] = [
        ("", [], 65, "weights: expected a file with all of the network's layers"),
        (
          "weights: {from: a.weights, reinitialize: [classifier]}", [], 65,
          "expected a file with all of the network's layers"
        ),
        ("weights: {from: b.weights}", [], 66, "b.weights: there is no such file"),
        ("weights: {from: a.weights}", [], 65, "has shape [4, 3] in the file and [4, 2] in the network"),
        ("weights: {from: a.weights}", ["--weights", "last"], 64, "a configuration names its own in weights.from"),
      ]
      for (weights, arguments, status, message) in cases {
        try Data((Self.network + weights + "\n").utf8).write(to: URL(fileURLWithPath: directory + "/net.yaml"))
        let command = try Command(["evaluate", "net.yaml"] + arguments, in: directory)
        #expect(command.status == status && command.errors.contains(message), "\(command.errors)")
      }
    }
  }

  /// A file that is there stays, and what is read is never replaced.
  @Test func outputsReplaceNothingUnasked() throws {
    try withDirectory { directory in
      try prepare(in: directory)
      try Data((Self.network + "weights: {from: a.weights}\n").utf8)
        .write(to: URL(fileURLWithPath: directory + "/net.yaml"))
      func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)")) }
      for option in ["--predictions", "--output"] {
        try Data("mine".utf8).write(to: URL(fileURLWithPath: directory + "/p.csv"))
        let again = try Command("evaluate", "net.yaml", option, "p.csv", in: directory)
        #expect(again.status == 64 && again.errors.contains("p.csv: it exists already"), "\(again.errors)")
        #expect(try bytes("p.csv") == Data("mine".utf8))
        let replaced = try Command("evaluate", "net.yaml", option, "p.csv", "--overwrite", in: directory)
        #expect(try replaced.status == 0 && bytes("p.csv") != Data("mine".utf8), "\(replaced.errors)")
        for input in ["a.h5", "net.yaml", "a.weights"] {
          let before = try bytes(input)
          let command = try Command("evaluate", "net.yaml", option, input, "--overwrite", in: directory)
          #expect(command.status == 64 && command.errors.contains("\(input): it is "), "\(command.errors)")
          #expect(try command.errors.contains("is never replaced") && bytes(input) == before)
        }
      }
      let both = try Command("evaluate", "net.yaml", "--output", "x", "--predictions", "x", in: directory)
      #expect(both.status == 64 && both.errors.contains("--output and --predictions name one file"))
      let device = try Command("evaluate", "net.yaml", "--output", "/dev/null", "--overwrite", in: directory)
      #expect(device.status == 65 && device.errors.contains("/dev/null: it is a device"), "\(device.errors)")
      let source = try Command(
        "prepare", "csv", "a.csv", "--label", "last", "--output", "a.csv", "--overwrite", in: directory)
      #expect(source.status == 64 && source.errors.contains("a.csv: it is read by this command"), "\(source.errors)")
    }
  }
}
