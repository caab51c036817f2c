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
}
