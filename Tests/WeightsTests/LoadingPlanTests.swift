import Layers
import Networks
import Support
import Tensors
import TestSupport
import Testing
import Weights

struct LoadingPlanTests {
  private let file = Result { try WeightsFile(opening: weightsFixture("keras1.h5")) }

  @Test func everythingIsLoadedByLayerName() throws {
    let plan = try LoadingPlan(network: specification(exampleParameters()), from: try file.get())
    #expect(plan.rows.allSatisfy { $0.outcome == .loaded })
    #expect(try plan.load() == exampleParameters())
  }

  @Test func theTableTellsWhatHappensToEachTensor() throws {
    let network: [(name: String, shape: [Int])] = [
      ("features.conv1_1.weight", [3, 3, 2, 4]), ("features.conv1_1.bias", [4]), ("head.fc6.weight", [49, 3]),
      ("head.fc6.bias", [5]), ("head.classifier.weight", [5, 20]),
    ]
    let plan = try LoadingPlan(network: network, from: try file.get(), reinitializing: ["fc*", "head.classifier.*"])
    #expect(
      plan.description == """
        tensor                   in the file   in the network  outcome
        ───────────────────────  ────────────  ──────────────  ─────────────────
        features.conv1_1.weight  [3, 3, 2, 4]  [3, 3, 2, 4]    loaded
        features.conv1_1.bias    [4]           [4]             loaded
        head.fc6.weight          [16, 5]       [49, 3]         reinitialized
        head.fc6.bias            [5]           [5]             reinitialized
        head.classifier.weight   -             [5, 20]         newly initialized
        bn1_1.scale              [4]           -               unused
        bn1_1.offset             [4]           -               unused
        bn1_1.mean               [4]           -               unused
        bn1_1.variance           [4]           -               unused
        not in the network: 1 normalization of the file (bn1_1)
        unused: 4 of 8 tensors of the file
        """)
    #expect(try plan.load().names == ["features.conv1_1.weight", "features.conv1_1.bias"])
  }

  @Test func aMismatchIsRefusedWithBothShapes() throws {
    let file = try file.get()
    let error = fileError {
      _ = try LoadingPlan(
        network: [("h.fc6.weight", [16, 9]), ("h.fc6.bias", [5]), ("h.new.weight", [1])], from: file)
    }
    let message = try #require(error?.message)
    #expect(message.contains("h.fc6.weight has shape [16, 5] in the file and [16, 9] in the network"))
    #expect(message.contains("h.new.weight [1] is not in the file"))
    #expect(message.contains("h.fc6.bias      [5]           [5]             loaded"))
  }

  @Test func aPatternThatFitsNothingIsRefused() throws {
    let file = try file.get()
    let error = fileError {
      _ = try LoadingPlan(network: [("h.fc6.weight", [16, 5])], from: file, reinitializing: ["fc8"])
    }
    #expect(error?.message.contains("no layer of the network is named fc8") == true)
    #expect(error?.message.contains("one of fc6") == true)
  }

  @Test(arguments: [
    ("fc*", true), ("*", true), ("fc6", true), ("head.*", true), ("*.fc6.*", true), ("head.*.weight", true),
    ("h*fc*t", true), ("head", false), ("fc", false), ("*7", false), ("fc6*x", false), ("head.*.bias", false),
  ])
  func patternsWithStars(pattern: String, fits: Bool) throws {
    let file = try file.get()
    let network = [(name: "head.fc6.weight", shape: [16, 5])]
    let plan = try? LoadingPlan(network: network, from: file, reinitializing: [pattern])
    #expect(plan.map { $0.rows[0].outcome == .reinitialized } == (fits ? true : nil))
  }

  @Test func sixteenLayersDoNotGoIntoNineteen() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("vgg16.h5")
    func layers(_ convolutions: Int) -> [(name: String, shape: [Int])] {
      (0..<convolutions).map { ("f.c\($0).weight", [3, 3, 1, 1]) } + (0..<3).map { ("h.d\($0).weight", [1, 1]) }
    }
    let sixteen = Parameters(
      layers(13).map {
        ($0.name.replacing("f.c", with: "f.features").replacing("h.d", with: "h.top"), Tensor(zeros: $0.shape))
      })
    try WeightsFile.write(sixteen, to: path)
    let file = try WeightsFile(opening: path)
    _ = try LoadingPlan(network: layers(13), from: file)
    let error = fileError { _ = try LoadingPlan(network: layers(16), from: file) }
    let message = try #require(error?.message)
    #expect(message.contains("by order the file has 13 convolutions and the network 16"))
    #expect(message.contains(/\nf\.c15\.weight +-/))
    #expect(message.contains("\nfeatures12.weight"))
    // A head that is left does not count.
    let plan = try LoadingPlan(network: layers(13) + [("h.new.weight", [1, 9])], from: file, reinitializing: ["new"])
    #expect(plan.rows.filter { $0.outcome == .loaded }.count == 16)
    let backbone = try LoadingPlan(network: layers(13).filter { $0.name.hasPrefix("f") }, from: file)
    #expect(backbone.rows.filter { $0.outcome == .unused }.count == 3)
  }

  @Test func transposedTensorsAreReported() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("turned.h5")
    try WeightsFile.write(
      Parameters([("a.c.weight", Tensor(zeros: [8, 4, 3, 3])), ("b.fc.weight", Tensor(zeros: [5, 48]))]), to: path)
    let error = fileError {
      _ = try LoadingPlan(
        network: [("a.c.weight", [3, 3, 4, 8]), ("b.fc.weight", [48, 5])], from: WeightsFile(opening: path))
    }
    let message = try #require(error?.message)
    #expect(message.contains("the kernel is stored as [out, in, height, width], which is not the layout of this file"))
    #expect(message.contains("it is stored as [out, in], which is not the layout of this file"))
    #expect(message.contains("SHAPES DIFFER"))
  }

  @Test func missingAndExtraTensorsAreInTheTable() throws {
    let file = try WeightsFile(opening: weightsFixture("weights/caffe.caffemodel.h5"))
    var network = GoldenNetwork.network.parameters.map { (name: $0.name, shape: $0.shape) }
    network.removeAll { $0.name.contains("fc6") }
    network.append((name: "head.fc9.weight", shape: [5, 5]))
    let error = fileError { _ = try LoadingPlan(network: network, flattened: [:], from: file) }
    let message = try #require(error?.message)
    #expect(message.contains("head.fc9.weight [5, 5] is not in the file"))
    #expect(message.contains("Caffe .caffemodel.h5"))
    #expect(message.contains(/\nfc6\.weight +\[48, 5\] +- +unused/))
  }
}
