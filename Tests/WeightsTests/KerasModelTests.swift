import HDF5
import Kernels
import Layers
import Networks
import Support
import Tensors
import TestSupport
import Testing
import Weights

/// Keras's descriptions of models, as versions 2 and 3 write them.
@Suite struct KerasModelTests {
  private static func layer(_ kind: String, _ name: String, _ settings: String = "", inbound: String = "") -> String {
    let settings = settings.isEmpty ? "" : ", " + settings
    let nodes = inbound.isEmpty ? "" : ", \"inbound_nodes\": \(inbound)"
    return
      "{\"class_name\": \"\(kind)\", \"name\": \"\(name)\", \"config\": {\"name\": \"\(name)\"\(settings)}\(nodes)}"
  }

  private static func model(_ kind: String = "Sequential", layers: [String]) -> String {
    "{\"class_name\": \"\(kind)\", \"config\": {\"name\": \"m\", \"layers\": [\(layers.joined(separator: ", "))]}}"
  }

  private static let input = layer("InputLayer", "in", #""batch_input_shape": [null, 8, 8, 3]"#)
  private static let convolution =
    #""filters": 4, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same", "activation": "relu", "use_bias": false"#

  private func problem(_ layers: [String], _ kind: String = "Sequential") -> String {
    do {
      _ = try KerasModel(json: Self.model(kind, layers: layers), path: "m.h5")
      return "none"
    } catch { return error.description }
  }

  @Test func numbersOfNoNetworkAreRefused() {
    let cases = [
      (Self.layer("InputLayer", "in", #""batch_input_shape": [null, 8, 8, -3]"#), "its input has -3.0 channels"),
      (Self.layer("Dropout", "d", #""rate": 5"#), "d has rate 5.0"),
      (Self.layer("Conv2D", "c", #""filters": 1e15, "kernel_size": 3, "strides": 1"#), "c has no filters"),
      (Self.layer("Dense", "e", #""units": 9223372036854775807"#), "e has no units"),
      (Self.layer("ZeroPadding2D", "z", #""padding": 4611686018427387904"#), "z has no padding of two sides"),
    ]
    for (layer, message) in cases { #expect(problem([layer]).contains(message), "\(problem([layer]))") }
  }

  @Test func aSequentialModelBecomesLayers() throws {
    let model = try KerasModel(
      json: Self.model(layers: [
        Self.input, Self.layer("Conv2D", "conv", Self.convolution),
        Self.layer("BatchNormalization", "norm", #""axis": [3], "momentum": 0.75, "epsilon": 0.001"#),
        Self.layer("MaxPooling2D", "pool", #""pool_size": [2, 2], "strides": [2, 2], "padding": "valid""#),
        Self.layer("ZeroPadding2D", "pad", #""padding": [[1, 1], [1, 1]]"#),
        Self.layer(
          "Conv2D", "conv_1",
          #""filters": 5, "kernel_size": 3, "strides": 2, "padding": "valid", "activation": "linear""#),
        Self.layer("Activation", "act", #""activation": "relu""#),
        Self.layer("AveragePooling2D", "avg", #""pool_size": [2, 2], "strides": null, "padding": "valid""#),
        Self.layer("Flatten", "flat"),
        Self.layer("Dense", "fc1", #""units": 7, "activation": {"class_name": "ReLU", "config": "relu"}"#),
        Self.layer("Dropout", "drop", #""rate": 0.25"#),
        Self.layer("Dense", "out", #""units": 3, "activation": "softmax""#),
      ]), path: "m.h5")
    #expect(
      model.layers == [
        .convolution("features.conv", outputs: 4, kernel: 3, padding: 1, hasBias: false),
        .relu("features.conv_relu"),
        LayerDescription("features.norm", BatchNormalizationLayer(epsilon: 0.001, momentum: 0.25)),
        .halving("features.pool"), .convolution("features.conv_1", outputs: 5, kernel: 3, stride: 2, padding: 1),
        .relu("features.act"), LayerDescription("features.avg", AveragePoolingLayer(size: 2)),
        LayerDescription("head.flat", FlattenLayer()), .linear("head.fc1", outputs: 7),
        .relu("head.fc1_relu"), LayerDescription("head.drop", DropoutLayer(rate: 0.25)),
        .linear("head.out", outputs: nil),
      ])
    #expect(model.size == Extent(height: 8, width: 8) && model.channels == 3 && model.classes == 3)
    let network = try NetworkDescription(layers: model.layers, size: model.size).network(channels: 3, classes: 3)
    #expect(network.parameters.first { $0.name == "head.fc1.weight" }?.shape == [5, 7])
  }

  /// MobileNet's layers: zeros below and on the right alone, depthwise kernels, ReLU6; and "same" at stride 2.
  @Test func windowsOfEveryKindBecomeLayers() throws {
    let model = try KerasModel(
      json: Self.model(layers: [
        Self.input, Self.layer("ZeroPadding2D", "pad", #""padding": [[0, 1], [0, 2]]"#),
        Self.layer(
          "DepthwiseConv2D", "deep",
          #""kernel_size": [3, 3], "strides": [2, 2], "depth_multiplier": 2, "use_bias": false"#),
        Self.layer("ReLU", "six", #""max_value": 6.0"#),
        Self.layer(
          "Conv2D", "grouped",
          #""filters": 8, "kernel_size": 3, "strides": 1, "dilation_rate": 2, "groups": 2, "padding": "same""#),
        Self.layer("Conv2D", "same", #""filters": 4, "kernel_size": 3, "strides": 2, "padding": "same""#),
        Self.layer("AveragePooling2D", "avg", #""pool_size": 2, "strides": 1, "padding": "same""#),
        Self.layer("GlobalAveragePooling2D", "gap"), Self.layer("Dense", "out", #""units": 3"#),
      ]), path: "m.h5")
    #expect(
      model.layers.dropLast(2) == [
        LayerDescription(
          "features.deep",
          ConvolutionLayer(
            outputs: 6, kernel: Extent(height: 3, width: 3), stride: 2,
            padding: Padding(top: 0, left: 0, bottom: 1, right: 2), groups: 3, hasBias: false)),
        LayerDescription("features.six", ReLULayer(maximum: 6)),
        LayerDescription(
          "features.grouped",
          ConvolutionLayer(outputs: 8, kernel: Extent(height: 3, width: 3), padding: 2, dilation: 2, groups: 2)),
        // Maps of 4 x 4: two outputs from 4 positions need one zero more, at the end.
        LayerDescription(
          "features.same",
          ConvolutionLayer(
            outputs: 4, kernel: Extent(height: 3, width: 3), stride: 2,
            padding: Padding(top: 0, left: 0, bottom: 1, right: 1))),
        LayerDescription(
          "features.avg",
          AveragePoolingLayer(
            size: 2, stride: 1, padding: Padding(top: 0, left: 0, bottom: 1, right: 1), countIncludePad: false)),
      ])
    _ = try NetworkDescription(layers: model.layers, size: model.size).network(channels: 3, classes: 3)
  }

  @Test func aStraightFunctionalModelOfKeras2And3() throws {
    let history = { (name: String) in
      #"[{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 8, 8, 3], "keras_history": ["\#(name)", 0, 0]}}], "kwargs": {}}]"#
    }
    for inbound in [{ "[[[\"\($0)\", 0, 0, {}]]]" }, history] {
      let layers = [
        Self.layer("InputLayer", "in", #""batch_shape": [null, null, null, 3]"#, inbound: "[]"),
        Self.layer("Conv2D", "conv", Self.convolution, inbound: inbound("in")),
        Self.layer("GlobalAveragePooling2D", "gap", inbound: inbound("conv")),
        Self.layer("Dense", "out", #""units": 3, "activation": "linear""#, inbound: inbound("gap")),
      ]
      let model = try KerasModel(json: Self.model("Functional", layers: layers), path: "m.h5")
      #expect(model.layers.map(\.name) == ["features.conv", "features.conv_relu", "head.gap", "head.out"])
      #expect(model.size == nil)
      var branched = layers
      branched[3] = Self.layer("Dense", "out", #""units": 3"#, inbound: inbound("conv"))
      #expect(problem(branched, "Functional").contains("its layer out takes conv, not gap alone"))
    }
  }

  @Test func whatIsNotKnownIsNamedAtOnce() {
    let message = problem([
      Self.input, Self.layer("SeparableConv2D", "deep"), Self.layer("LSTM", "memory"),
      Self.layer("Conv2D", "tanh", Self.convolution.replacing("relu", with: "tanh")),
    ])
    for part in [
      "m.h5", "deep is a SeparableConv2D", "memory is a LSTM", "tanh has the activation tanh", "BatchNormal",
    ] {
      #expect(message.contains(part), "\(message)")
    }
    let uneven = #""filters": 4, "kernel_size": [3, 3], "strides": [2, 2], "padding": "same""#
    #expect(problem([Self.layer("Conv2D", "c", uneven)]).contains("depends on the extent of its maps"))
    let mirrored = Self.convolution + #", "data_format": "channels_first""#
    #expect(problem([Self.input, Self.layer("Conv2D", "c", mirrored)]).contains("channels_first"))
    let dilated = Self.convolution + #", "dilation_rate": [2, 1]"#
    #expect(problem([Self.input, Self.layer("Conv2D", "c", dilated)]).contains("c has different dilations per side"))
    #expect(
      problem([Self.input, Self.layer("ZeroPadding2D", "z", #""padding": [[0, 1], [0, 1]]"#)]).contains("zero padding"))
    #expect(problem([Self.input, Self.layer("Softmax", "s"), Self.layer("Flatten", "f")]).contains("after a softmax"))
    #expect(problem([], "Custom").contains("a Custom"))
    let foreign = Self.convolution.replacing(
      #""relu""#,
      with: #"{"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"}"#)
    #expect(
      problem([Self.input, Self.layer("Conv2D", "c", foreign)]).contains(
        "c has the activation relu, a function of another package"))
    for (module, kind) in [("null", "my>Conv2D"), (#""my.layers""#, "my.layers.Conv2D")] {
      let own = Self.layer("Conv2D", "c", Self.convolution).dropLast()
      let registered = kind.contains(">") ? kind : "Conv2D"
      let layer = own + #", "module": \#(module), "registered_name": "\#(registered)"}"#
      #expect(problem([Self.input, String(layer)]).contains("c is a \(kind)"), "\(problem([String(layer)]))")
    }
    for module in ["keras.layers", "keras.src.layers.convolutional.conv2d", "tensorflow.python.keras.layers"] {
      let layer =
        Self.layer("Conv2D", "c", Self.convolution).dropLast() + #", "module": "\#(module)", "registered_name": null}"#
      #expect(problem([Self.input, String(layer)]) == "none")
    }
    // What follows from a problem is not named beside it.
    let dense = Self.layer("Dense", "d", #""units": 3"#)
    #expect(
      problem([Self.input, Self.layer("GlobalMaxPooling2D", "g"), dense]).contains(
        "unsupported layers: g is a GlobalMaxPooling2D; expected"))
    let pool = Self.layer("MaxPooling2D", "p", #""pool_size": 2, "strides": 2"#)
    #expect(
      problem([Self.input, Self.layer("ZeroPadding2D", "z", #""padding": 1"#), pool, Self.layer("Flatten", "f"), dense])
        .contains("unsupported layers: zero padding before p, which is not a convolution; expected"))
    for text in ["{", String(repeating: "[", count: 200_000)] {
      #expect(throws: FileError.self) { try KerasModel(json: text, path: "m.h5") }
    }
  }

  /// A whole file: the model is its network and the weights are found by name.
  @Test func theNetworkOfAFileTakesItsWeights() throws {
    let directory = try TemporaryDirectory()
    let json = Self.model(layers: [
      Self.input, Self.layer("Conv2D", "conv", Self.convolution), Self.layer("GlobalAveragePooling2D", "gap"),
      Self.layer("Dense", "out", #""units": 3"#),
    ])
    let first = try KerasModel(json: json, path: "m.h5")
    let network = try NetworkDescription(layers: first.layers).network(channels: 3, classes: 3)
    let path = directory.path("model.h5")
    try WeightsFile.write(network.initialParameters(seed: 3), to: path, notes: ["model_config": json])
    let model = try KerasModel(opening: path)
    #expect(model.layers == first.layers)
    let plan = try LoadingPlan(
      network: network.parameters.map { ($0.name, $0.shape) }, from: WeightsFile(opening: path))
    #expect(try plan.load() == network.initialParameters(seed: 3))
    let bare = directory.path("bare.h5")
    try WeightsFile.write(network.initialParameters(seed: 3), to: bare)
    #expect(throws: FileError.self) { try KerasModel(opening: bare) }
  }
}
