import Bulkhead
import Support
import Tensors
import TestSupport
import Testing
import Weights

/// A file of `Fixtures/weights`, all of which hold the same network.
struct LayoutFixture: CustomTestStringConvertible, Sendable {
  let name: String
  let format: WeightsFormat
  let layout: String
  let order: FlattenOrder
  var matching = LoadingPlan.Matching.names
  var reference = "keras"
  var testDescription: String { name }

  static let all = [
    LayoutFixture(
      name: "keras3-model.h5", format: .keras, layout: "Keras legacy in /model_weights, Keras 3.15.1", order: .hwc),
    LayoutFixture(name: "keras2.h5", format: .keras, layout: "Keras legacy, Keras 2.4.3", order: .hwc),
    LayoutFixture(
      name: "keras2-channels-first.h5", format: .keras,
      layout: "Keras legacy in /model_weights, Keras 2.1.0, channels first", order: .chw),
    LayoutFixture(
      name: "keras2-flatten-last.h5", format: .keras,
      layout: "Keras legacy in /model_weights, Keras 2.4.3, channels first", order: .hwc),
    LayoutFixture(
      name: "keras1-theano.h5", format: .keras,
      layout: "Keras legacy, Keras 1.2.2 on Theano (mirrored kernels), channels first", order: .chw),
    LayoutFixture(
      name: "keras0.h5", format: .keras, layout: "Keras legacy, Keras 0 on Theano (mirrored kernels)", order: .chw,
      matching: .order),
    LayoutFixture(name: "keras3.weights.h5", format: .keras3, layout: "Keras 3 .weights.h5", order: .hwc),
    LayoutFixture(
      name: "keras3-numbered.weights.h5", format: .keras3, layout: "Keras 3 .weights.h5, layers by number", order: .hwc,
      matching: .order),
    LayoutFixture(name: "keras3-nested.weights.h5", format: .keras3, layout: "Keras 3 .weights.h5", order: .hwc),
    LayoutFixture(name: "caffe.caffemodel.h5", format: .caffe, layout: "Caffe .caffemodel.h5", order: .chw),
    LayoutFixture(
      name: "torch.h5", format: .torch, layout: "torch state dictionary in HDF5", order: .chw, matching: .shapes,
      reference: "torch"),
    LayoutFixture(
      name: "torch.safetensors", format: .safetensors, layout: "safetensors", order: .chw, matching: .shapes,
      reference: "torch"),
    LayoutFixture(
      name: "torch-f64.safetensors", format: .safetensors, layout: "safetensors", order: .chw, matching: .shapes,
      reference: "torch"),
    LayoutFixture(
      name: "torch-f16.safetensors", format: .safetensors, layout: "safetensors", order: .chw, matching: .shapes,
      reference: "torch"),
    LayoutFixture(
      name: "torch-bf16.safetensors", format: .safetensors, layout: "safetensors", order: .chw, matching: .shapes,
      reference: "torch"),
    LayoutFixture(name: "torch.onnx", format: .onnx, layout: "ONNX", order: .chw, matching: .order, reference: "onnx"),
    LayoutFixture(
      name: "keras.onnx", format: .onnx, layout: "ONNX, channels put last before flattening", order: .hwc,
      matching: .order, reference: "onnx"),
  ]

  func open(flattenOrder: FlattenOrder? = nil) throws -> WeightsFile {
    try WeightsFile(opening: weightsFixture("weights/" + name), flattenOrder: flattenOrder)
  }
}

struct WeightsFormatTests {
  @Test(arguments: LayoutFixture.all)
  func everyLayoutIsFoundAndGivesItsPeersOutputs(_ fixture: LayoutFixture) throws {
    let file = try fixture.open()
    #expect(file.format == fixture.format)
    #expect(file.layout == fixture.layout)
    #expect(file.flattenOrder == fixture.order)
    let plan = try GoldenNetwork.plan(file)
    #expect(plan.matching == fixture.matching)
    #expect(plan.rows.allSatisfy { $0.outcome == .loaded }, "\(plan)")
    let parameters = try plan.load()
    #expect(parameters == (try GoldenNetwork.parameters()))
    let outputs = try GoldenNetwork.outputs(parameters)
    #expect(outputs.distance(to: try GoldenNetwork.fixture.tensor(fixture.reference)) < 1e-4)
    guard case .weights(let inspected) = try FileContents(of: file.path) else {
      Issue.record("\(fixture.name) is not seen as weights")
      return
    }
    #expect(inspected.tensors == file.tensors)
  }

  /// The negative control: rows in the other order change the outputs.
  @Test(arguments: LayoutFixture.all)
  func theWrongFlattenOrderChangesTheOutputs(_ fixture: LayoutFixture) throws {
    let file = try fixture.open(flattenOrder: fixture.order == .hwc ? .chw : .hwc)
    let outputs = try GoldenNetwork.outputs(GoldenNetwork.plan(file).load())
    #expect(outputs.distance(to: try GoldenNetwork.fixture.tensor(fixture.reference)) > 0.1)
  }

  @Test(arguments: [
    ("caffe.caffemodel.h5", "fc6"), ("torch.safetensors", "fc6"), ("keras1-theano.h5", "fc6"),
  ])
  func channelsFirstFilesNeedTheMap(name: String, layer: String) throws {
    let file = try WeightsFile(opening: weightsFixture("weights/" + name))
    let unknown = fileError { _ = try GoldenNetwork.plan(file, flattened: nil) }
    #expect(unknown?.message.contains("the map before head.\(layer) is not known") == true)
    let map = FlattenedMap(height: 4, width: 4, channels: 4)
    let wrong = fileError { _ = try GoldenNetwork.plan(file, flattened: [layer: map]) }
    #expect(wrong?.message.contains("has 48 rows, and a map of 4x4x4 has 64 cells") == true)
    // A map of as many cells and other channels gives other rows: the right one cannot be told from shapes.
    let other = try GoldenNetwork.plan(file, flattened: [layer: FlattenedMap(height: 2, width: 3, channels: 8)])
    #expect(try other.load() != GoldenNetwork.parameters())
  }

  @Test func aLayoutCanBeForced() throws {
    let path = weightsFixture("weights/caffe.caffemodel.h5")
    #expect(try WeightsFile(opening: path, as: .caffe).tensors.count == 12)
    // As a state dictionary the same file has other layers.
    #expect(try WeightsFile(opening: path, as: .torch).layers.contains("data.fc6"))
    let error = fileError { _ = try WeightsFile(opening: path, as: .keras) }
    #expect(error?.message.contains("no weights in the layout keras") == true)
  }

  @Test func theTableShowsThatLayersWereMatchedByShapes() throws {
    let file = try WeightsFile(opening: weightsFixture("weights/torch.safetensors"))
    let plan = try GoldenNetwork.plan(file, reinitializing: ["classifier"])
    let lines = plan.description.split(separator: "\n")
    #expect(
      lines[0] == "matched by shapes, each of which one layer alone has, as no layer name of the file is in the network"
    )
    #expect(
      lines.contains {
        $0.hasPrefix("features.conv1_2.weight") && $0.contains("[3, 3, 4, 4] features.10.weight")
          && $0.hasSuffix("loaded")
      })
    #expect(lines.contains { $0.contains("classifier.3.weight") && $0.hasSuffix("reinitialized") })
    #expect(try plan.load().count == 10)
  }

  @Test func layersCanBeRenamed() throws {
    let file = try WeightsFile(opening: weightsFixture("weights/torch.h5"))
    let plan = try GoldenNetwork.plan(
      file, reinitializing: ["conv*", "norm*", "classifier"], renaming: ["fc6": "classifier.0"])
    #expect(plan.matching == .names)
    #expect(try plan.load().names == ["head.fc6.weight", "head.fc6.bias"])
    #expect(try plan.load()["head.fc6.weight"] == GoldenNetwork.parameters()["head.fc6.weight"])
    let theirs = fileError { _ = try GoldenNetwork.plan(file, renaming: ["fc6": "classifier.9"]) }
    #expect(theirs?.message.contains("it has no layer classifier.9") == true)
    let ours = fileError { _ = try GoldenNetwork.plan(file, renaming: ["fc9": "classifier.0"]) }
    #expect(ours?.message.contains("no layer of the network is named fc9") == true)
  }
}
