import Autodiff
import Foundation
import Layers
import Tensors
import Testing

@Suite struct LayerRegistryTests {
  /// y = factor · x with a factor per channel, made up outside of the module.
  struct ScaleLayer: Layer {
    static let kind = "scale"
    var factor: Float

    var title: String { "scale" }

    func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape { input }

    func parameters(of input: ActivationShape) -> [ParameterSpecification] {
      [ParameterSpecification("factor", [input.channels], .constant(factor))]
    }

    func forward(_ input: Activation, _ context: ForwardContext) -> Activation { input }
  }

  private func layer(_ json: String, _ registry: LayerRegistry?) throws -> LayerDescription {
    let decoder = JSONDecoder()
    decoder.userInfo.merge(registry?.userInfo ?? [:]) { $1 }
    return try decoder.decode(LayerDescription.self, from: Data(json.utf8))
  }

  @Test func aRegistryIsAskedForKinds() throws {
    let json = #"{"kind": "scale", "name": "features.scale", "factor": 2}"#
    let registry = LayerRegistry.standard.adding(ScaleLayer.self)
    let scale = try layer(json, registry)
    #expect(scale == LayerDescription("features.scale", ScaleLayer(factor: 2)))
    #expect(scale != LayerDescription("features.scale", ReLULayer()))
    #expect(scale.parameters(of: .features(3)).map(\.name) == ["features.scale.factor"])
    #expect(throws: DecodingError.self) { try layer(json, nil) }
    #expect(registry != .standard && registry == LayerRegistry.standard.adding(ScaleLayer.self))
    #expect(try layer(#"{"kind": "relu", "name": "a"}"#, registry) == LayerDescription("a", ReLULayer()))
  }

  @Test func aKindThatIsNotKnownIsNamed() throws {
    let error = #expect(throws: DecodingError.self) { try layer(#"{"kind": "max-poling", "name": "a"}"#, nil) }
    let message = "\(try #require(error))"
    #expect(message.contains("max-poling") && message.contains("did you mean") && message.contains("roi-pool"))
  }

  @Test func layersWithinFindTheRegistry() throws {
    let registry = LayerRegistry.standard.adding(ScaleLayer.self)
    let json =
      #"{"kind": "concatenation", "name": "a", "branches": [[{"kind": "scale", "name": "b", "factor": 1}], []]}"#
    let concatenation = try layer(json, registry)
    #expect(concatenation.names == ["a", "b"])
    #expect(concatenation.parameters(of: .features(4)).map(\.shape) == [[4]])
    let again = try layer(String(decoding: JSONEncoder().encode(concatenation), as: UTF8.self), registry)
    #expect(again == concatenation)
  }

  /// Keys of windows, as torch names them; padding as one number, two or four.
  @Test func keysOfWindows() throws {
    let convolution = try layer(
      #"{"kind": "convolution", "name": "a", "outputs": 8, "kernel": 3, "padding": [0, 1, 2, 3], "dilation": 2, "groups": 4}"#,
      nil)
    let expected = ConvolutionLayer(
      outputs: 8, kernel: Extent(side: 3), padding: Padding(top: 0, left: 1, bottom: 2, right: 3), dilation: 2,
      groups: 4)
    #expect(convolution == LayerDescription("a", expected))
    let again = try layer(String(decoding: JSONEncoder().encode(convolution), as: UTF8.self), nil)
    #expect(again == convolution)
    // floor((9 + 0 + 2 − 5) / 1) + 1 rows, floor((9 + 1 + 3 − 5) / 1) + 1 columns.
    let input = ActivationShape.maps(Extent(side: 9), channels: 4)
    #expect(try expected.outputShape(of: input, named: "a") == .maps(Extent(height: 7, width: 9), channels: 8))
    #expect(expected.parameters(of: input).map(\.shape) == [[3, 3, 1, 8], [8]])
    #expect(expected.multiplyAccumulates(of: input) == 63 * 9 * 1 * 8)
    let two = try layer(#"{"kind": "max-pooling", "name": "p", "size": 3, "padding": [1, 0], "ceilMode": true}"#, nil)
    let pooling = MaxPoolingLayer(size: 3, padding: Padding(top: 1, left: 0, bottom: 1, right: 0), ceilMode: true)
    #expect(two == LayerDescription("p", pooling))
    let average = try layer(
      #"{"kind": "average-pooling", "name": "q", "size": 3, "stride": 2, "padding": 1, "countIncludePad": false}"#, nil)
    #expect(
      average == LayerDescription("q", AveragePoolingLayer(size: 3, stride: 2, padding: 1, countIncludePad: false)))
    let limited = try layer(#"{"kind": "relu", "name": "r", "maximum": 6}"#, nil)
    #expect(limited == LayerDescription("r", ReLULayer(maximum: 6)))
  }

  @Test(arguments: [
    (#"{"kind": "max-pooling", "name": "p", "size": 3, "padding": 2}"#, "0 to 1"),
    (#"{"kind": "convolution", "name": "c", "kernel": 3, "padding": [1, 2, 3]}"#, "[top, left, bottom, right]"),
    (#"{"kind": "convolution", "name": "c", "kernel": 3, "groups": 0}"#, "1 to"),
    (#"{"kind": "local-response-normalization", "name": "n", "size": 4}"#, "odd"),
    (#"{"kind": "local-response-normalization", "name": "n", "k": 0}"#, "above 0"),
    (#"{"kind": "relu", "name": "r", "maximum": -1}"#, "above 0"),
  ]) func keysOutOfRange(json: String, message: String) throws {
    let error = #expect(throws: DecodingError.self) { try layer(json, nil) }
    #expect("\(try #require(error))".contains(message))
  }

  @Test func groupsDivideTheChannels() {
    let input = ActivationShape.maps(Extent(side: 4), channels: 6)
    for (groups, outputs) in [(4, 8), (3, 8)] {
      let layer = ConvolutionLayer(outputs: outputs, kernel: Extent(side: 1), groups: groups)
      #expect(throws: ShapeError.self) { try layer.outputShape(of: input, named: "c") }
    }
  }
}
