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
    let plan = try LoadingPlan(network: network, from: try file.get(), leaving: ["fc*", "head.classifier.*"])
    #expect(
      plan.description == """
        tensor                   in the file   in the network  what happens
        features.conv1_1.weight  [3, 3, 2, 4]  [3, 3, 2, 4]    loaded
        features.conv1_1.bias    [4]           [4]             loaded
        head.fc6.weight          [16, 5]       [49, 3]         reinitialized
        head.fc6.bias            [5]           [5]             reinitialized
        head.classifier.weight   -             [5, 20]         newly initialized
        bn1_1.scale              [4]           -               unused
        bn1_1.offset             [4]           -               unused
        bn1_1.mean               [4]           -               unused
        bn1_1.variance           [4]           -               unused
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
      _ = try LoadingPlan(network: [("h.fc6.weight", [16, 5])], from: file, leaving: ["fc8"])
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
    let plan = try? LoadingPlan(network: network, from: file, leaving: [pattern])
    #expect(plan.map { $0.rows[0].outcome == .left } == (fits ? true : nil))
  }
}
