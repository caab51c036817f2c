import Kernels
import Layers
import Networks
import Tensors
import Testing

/// Caffe's networks as text.
@Suite struct CaffeModelTests {
  private static let input = "input: 'data' input_shape { dim: 1 dim: 3 dim: 16 dim: 16 }\n"

  private static func layer(
    _ name: String, _ kind: String, from inputs: String, to output: String? = nil, _ settings: String = ""
  ) -> String {
    let bottoms = inputs.split(separator: " ").map { "bottom: \"\($0)\"" }.joined(separator: " ")
    return "layer { name: \"\(name)\" type: \"\(kind)\" \(bottoms) top: \"\(output ?? name)\" \(settings) }\n"
  }

  private static func convolution(_ name: String, from input: String, _ outputs: Int = 4, _ more: String = "") -> String
  {
    layer(
      name, "Convolution", from: input, "convolution_param { num_output: \(outputs) kernel_size: 3 pad: 1 \(more) }")
  }

  private static let end = layer("fc", "InnerProduct", from: "last", "inner_product_param { num_output: 5 }")

  private func problem(_ text: String) -> String {
    do {
      _ = try CaffeModel(text: text, path: "n.prototxt")
      return "none"
    } catch { return "\(error)" }
  }

  @Test func whatIsDoneToImagesIsARemark() throws {
    let data =
      "layer { name: 'd' type: 'Data' top: 'data' transform_param { scale: 0.5 mean_value: 104 mean_value: 117 crop_size: 16 } }\n"
    let text = data + Self.convolution("last", from: "data") + Self.end
    let model = try CaffeModel(text: text, path: "n.prototxt")
    #expect(model.preparation == ["scale 0.5", "mean_value 104, 117"])
    var description = NetworkDescription(layers: model.layers, size: model.size)
    description.remark = ImportRemark(preparation: model.preparation)
    #expect(description == NetworkDescription(layers: model.layers, size: model.size))
    #expect(try description.network(channels: 3, classes: 5).outline.preparation == model.preparation)
    #expect(
      try CaffeModel(text: Self.input + Self.convolution("last", from: "data") + Self.end, path: "").preparation == [])
  }

  @Test func aTransposedWeightIsRefused() {
    let end = Self.layer("fc", "InnerProduct", from: "data", "inner_product_param { num_output: 5 transpose: true }")
    #expect(problem(Self.input + end).contains("fc has transpose: true"))
  }

  @Test func aChainBecomesLayers() throws {
    let text =
      "# a comment\nname: \"net\"\n" + Self.input + Self.convolution("c1", from: "data", 4, "bias_term: false")
      + Self.layer(
        "bn", "BatchNorm", from: "c1", to: "c1", "batch_norm_param { eps: 0.001 moving_average_fraction: 0.9 }")
      + Self.layer("sc", "Scale", from: "c1", to: "c1", "scale_param { bias_term: true }")
      + Self.layer("r", "ReLU", from: "c1", to: "c1")
      + Self.layer("p", "Pooling", from: "c1", "pooling_param { pool: MAX kernel_size: 2 stride: 2 }")
      + Self.layer("a", "Pooling", from: "p", "pooling_param { pool: AVE kernel_size: 3 }")
      + Self.layer("fc1", "InnerProduct", from: "a", "inner_product_param { num_output: 7 }")
      + Self.layer("d", "Dropout", from: "fc1", to: "fc1", "dropout_param { dropout_ratio: 0.25 }")
      + Self.layer("fc2", "InnerProduct", from: "fc1", "inner_product_param { num_output: 5 bias_term: false }")
      + Self.layer("prob", "Softmax", from: "fc2")
    let model = try CaffeModel(text: text, path: "n.prototxt")
    #expect(model.size == Extent(height: 16, width: 16) && model.channels == 3 && model.classes == 5)
    #expect(
      model.layers == [
        .convolution("features.c1", outputs: 4, kernel: 3, padding: 1, hasBias: false),
        LayerDescription("features.bn", BatchNormalizationLayer(epsilon: 0.001, momentum: 1 - 0.9)),
        .relu("features.r"),
        LayerDescription("features.p", MaxPoolingLayer(size: 2, stride: 2, ceilMode: true)),
        LayerDescription("features.a", AveragePoolingLayer(size: 3, stride: 1)),
        LayerDescription("head.fc1_flatten", FlattenLayer()), .linear("head.fc1", outputs: 7),
        LayerDescription("head.d", DropoutLayer(rate: 0.25)), .linear("head.fc2", outputs: nil, hasBias: false),
      ])
    _ = try NetworkDescription(layers: model.layers, size: model.size).network(channels: 3, classes: 5)
  }

  /// A residual block with a projection, and an inception of three branches, one of which is pooling.
  @Test func branchesJoinInSumsAndConcatenations() throws {
    let text =
      Self.input + Self.convolution("a", from: "data") + Self.convolution("b1", from: "a")
      + Self.layer("r", "ReLU", from: "b1", to: "b1") + Self.convolution("b2", from: "b1")
      + Self.layer("sum", "Eltwise", from: "a b2") + Self.convolution("p", from: "sum")
      + Self.convolution("q", from: "sum") + Self.convolution("q2", from: "q")
      + Self.layer("m", "Pooling", from: "sum", "pooling_param { kernel_size: 3 pad: 1 }")
      + Self.layer("joined", "Concat", from: "p q2 m")
      + Self.layer("last", "Pooling", from: "joined", "pooling_param { pool: AVE global_pooling: true }") + Self.end
    let model = try CaffeModel(text: text, path: "n.prototxt")
    #expect(
      model.layers == [
        .convolution("features.a", outputs: 4, kernel: 3, padding: 1),
        LayerDescription(
          "features.sum",
          ResidualLayer(layers: [
            .convolution("b1", outputs: 4, kernel: 3, padding: 1), .relu("r"),
            .convolution("b2", outputs: 4, kernel: 3, padding: 1),
          ])),
        LayerDescription(
          "features.joined",
          ConcatenationLayer(branches: [
            [.convolution("p", outputs: 4, kernel: 3, padding: 1)],
            [
              .convolution("q", outputs: 4, kernel: 3, padding: 1),
              .convolution("q2", outputs: 4, kernel: 3, padding: 1),
            ],
            [LayerDescription("m", MaxPoolingLayer(size: 3, stride: 1, padding: 1))],
          ])),
        LayerDescription("head.last", GlobalAveragePoolingLayer()), .linear("head.fc", outputs: nil),
      ])
    let network = try NetworkDescription(layers: model.layers, size: model.size).network(channels: 3, classes: 5)
    #expect(network.parameters.last { $0.name == "head.fc.weight" }?.shape == [12, 5])
    // A layer within the block whose output is used outside of it.
    let crossing =
      Self.input + Self.convolution("a", from: "data") + Self.convolution("b", from: "a")
      + Self.layer("s1", "Eltwise", from: "a b") + Self.layer("last", "Eltwise", from: "s1 b") + Self.end
    #expect(problem(crossing).contains("its branches cross"))
  }

  /// Caffe rounds up: 16 with a window of 3 and stride 2 gives 8, also where the images' extent is not known.
  @Test func windowsAreThoseOfCaffe() throws {
    let pooled =
      Self.layer("data", "Data", from: "", "data_param { batch_size: 2 }")
      + Self.layer("p", "Pooling", from: "data", "pooling_param { pool: MAX kernel_size: 3 stride: 2 }")
      + Self.layer("a", "Pooling", from: "p", "pooling_param { pool: AVE kernel_size: 3 stride: 2 pad_h: 1 pad_w: 0 }")
      + Self.layer("f", "Pooling", from: "a", "pooling_param { pool: MAX kernel_size: 2 round_mode: FLOOR }")
      + Self.layer("n", "LRN", from: "f", "lrn_param { local_size: 3 alpha: 0.0005 beta: 0.5 k: 2 }")
      + Self.convolution("last", from: "n", 6, "group: 3 stride_h: 2 stride_w: 2 dilation: 2") + Self.end
    let model = try CaffeModel(text: pooled, path: "n.prototxt")
    #expect(
      model.layers.dropLast() == [
        LayerDescription("features.p", MaxPoolingLayer(size: 3, stride: 2, ceilMode: true)),
        LayerDescription(
          "features.a",
          AveragePoolingLayer(
            size: 3, stride: 2, padding: Padding(top: 1, left: 0, bottom: 1, right: 0), ceilMode: true)),
        LayerDescription("features.f", MaxPoolingLayer(size: 2, stride: 1)),
        LayerDescription("features.n", LocalResponseNormalizationLayer(size: 3, alpha: 0.0005, beta: 0.5, k: 2)),
        LayerDescription(
          "features.last",
          ConvolutionLayer(
            outputs: 6, kernel: Extent(height: 3, width: 3), stride: 2, padding: 1, dilation: 2, groups: 3)),
        LayerDescription("head.fc_flatten", FlattenLayer()),
      ])
    // The extents 37 to 19, to 10 x 9, to 9 x 8, and 4 x 3 with a window that covers 5.
    let network = try NetworkDescription(layers: model.layers, size: Extent(height: 37, width: 37)).network(
      channels: 3, classes: 5)
    #expect(network.parameters.last { $0.name == "head.fc.weight" }?.shape == [4 * 3 * 6, 5])
    // 16 to 8 where it rounds up, and both branches of a join are known to be equal.
    let joined =
      Self.input + Self.layer("p", "Pooling", from: "data", "pooling_param { kernel_size: 3 stride: 2 }")
      + Self.convolution("c", from: "data", 4, "stride: 2") + Self.layer("last", "Concat", from: "p c") + Self.end
    #expect(problem(joined) == "none")
    #expect(
      problem(joined.replacing("kernel_size: 3 stride: 2", with: "kernel_size: 3 stride: 2 round_mode: FLOOR"))
        .contains("last joins maps of different extents"))
  }

  @Test func thePhaseOfTestingIsRead() throws {
    func data(_ phase: String, _ size: Int) -> String {
      Self.layer("data", "Data", from: "", "include { phase: \(phase) } transform_param { crop_size: \(size) }")
    }
    let rest =
      Self.layer("last", "ReLU", from: "data") + Self.end + Self.layer("loss", "SoftmaxWithLoss", from: "fc label")
      + Self.layer("top", "Accuracy", from: "fc label", "include { phase: TEST }")
    let model = try CaffeModel(text: data("TRAIN", 8) + data("TEST", 6) + rest, path: "n.prototxt")
    #expect(model.size == Extent(height: 6, width: 6) && model.channels == nil)
    #expect(try CaffeModel(text: data("TRAIN", 8) + rest, path: "n.prototxt").size?.height == 8)
  }

  @Test func whatIsNotKnownIsNamedAtOnce() {
    let text =
      Self.input + Self.convolution("c", from: "data", 5, "group: 2")
      + Self.layer("n", "LRN", from: "c", to: "last", "lrn_param { norm_region: WITHIN_CHANNEL }")
      + Self.layer("s", "Scale", from: "c") + Self.layer("x", "PReLU", from: "c") + Self.end
    for part in [
      "n.prototxt", "layer c has 2 groups", "n is an LRN within channels", "s is a Scale that follows no BatchNorm",
      "x is a PReLU",
    ] {
      #expect(problem(text).contains(part), "\(problem(text))")
    }
    let cases = [
      ("", "a text without layers"), ("net: \"train.prototxt\"", "give the network that it names, train.prototxt"),
      ("layer { name: 'a'", "line 1: the text ends within a message"), ("layer }", "line 1: a name without : or {"),
      ("\n\"x\": 1", "line 2: expected the name of a field"),
      (Self.convolution("c", from: "data"), "c gets data"),
      (
        Self.input + Self.layer("s", "Softmax", from: "data") + Self.convolution("c", from: "s"),
        "c comes after a softmax"
      ),
      (Self.input + Self.convolution("a", from: "data") + Self.convolution("b", from: "data"), "it ends in a, b"),
      (String(repeating: "a { ", count: 100_000), "messages in more than 32 messages"),
      (Self.input + Self.convolution("c", from: "data", 99_999_999), "c has no num_output"),
    ]
    for (text, message) in cases { #expect(problem(text).contains(message), "\(problem(text))") }
  }
}
