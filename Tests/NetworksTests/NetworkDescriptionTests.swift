import Foundation
import Kernels
import Layers
import Networks
import Tensors
import Testing

@Suite struct NetworkDescriptionTests {
  private func problem(_ layers: [LayerDescription], size: Extent? = nil, regions: Bool = false) -> String {
    do {
      _ = try NetworkDescription(layers: layers, size: size).network(channels: 3, classes: 5, regions: regions)
      return "none"
    } catch { return "\(error)" }
  }

  @Test func networksThatNoMachineHoldsAreRefused() throws {
    let wide = [
      LayerDescription.convolution("features.a", outputs: 1 << 20, kernel: 1024),
      .convolution("features.b", outputs: 1 << 20, kernel: 1024),
    ]
    #expect(problem(wide).contains("features.a"))
    let flat = [LayerDescription("head.f", FlattenLayer()), .linear("head.g", outputs: 1 << 20)]
    #expect(problem(flat, size: Extent(height: 65_536, width: 65_536)).contains("head.g"))
    let plain = [
      LayerDescription.convolution("features.a", outputs: 64, kernel: 3), .relu("features.b"),
    ]
    let network = try NetworkDescription(layers: plain).network(channels: 3, classes: 5)
    #expect(throws: ShapeError.self) {
      try NetworkSummary(network, input: .maps(Extent(height: 1 << 22, width: 1 << 22), channels: 3))
    }
  }

  @Test func everyKindIsWrittenAndReadAlike() throws {
    let chain: [LayerDescription] = [
      .convolution("features.a", outputs: 4, kernel: 3, stride: 2, padding: 1, hasBias: false, standardDeviation: 0.25),
      LayerDescription(
        "features.b",
        ConvolutionLayer(outputs: nil, kernel: Extent(height: 1, width: 3))),
      .normalization("features.c"), .relu("features.d"), .halving("features.e"),
      LayerDescription("features.f", AveragePoolingLayer(size: 3, stride: 2)),
      LayerDescription("features.r", LocalResponseNormalizationLayer(size: 3, alpha: 0.5, beta: 0.6, k: 2)),
      LayerDescription("features.g", ResidualLayer(layers: [LayerDescription("h", DropoutLayer(rate: 0.1))])),
      LayerDescription("features.p", ConcatenationLayer(branches: [[.relu("q")], []])),
      LayerDescription("head.i", ROIPoolLayer(grid: Extent(height: 2, width: 3))),
      LayerDescription("head.j", FlattenLayer()),
      .linear("head.k", outputs: 7, hasBias: false), .linear("head.l", outputs: nil, standardDeviation: 0.01),
      LayerDescription("head.m", GlobalAveragePoolingLayer()), LayerDescription("head.n", AverageMaxPoolingLayer()),
      LayerDescription("head.o", L2NormalizationLayer()),
    ]
    func kinds(_ layers: [LayerDescription]) -> [String] {
      layers.flatMap { [type(of: $0.layer).kind] + $0.layer.chains.flatMap(kinds) }
    }
    #expect(Set(kinds(chain)) == Set(LayerRegistry.standard.kinds), "a kind is not tried")
    var named = NetworkDescription(layers: chain)
    named.outputs = [OutputDescription("main", [chain[0]]), OutputDescription("other", [])]
    let descriptions =
      [
        NetworkDescription(layers: chain, size: Extent(height: 32, width: 40)),
        NetworkDescription(layers: chain, head: .init(kind: .fcRank, width: 9, depth: 1, rank: 3)),
        NetworkDescription(keras: "model.h5", head: .init(kind: .gap)),
        NetworkDescription(keras: "model.h5", head: .init(kind: .flatten, l2Normalization: true)),
        named,
      ] + NetworkDescription.Preset.allCases.map { NetworkDescription(preset: $0) }
    for description in descriptions {
      let again = try JSONDecoder().decode(NetworkDescription.self, from: try JSONEncoder().encode(description))
      #expect(again == description)
    }
  }

  @Test func inputsFollowFromWhatComesBefore() throws {
    let layers: [LayerDescription] = [
      .convolution("features.a", outputs: 6, kernel: 5), .halving("features.b"),
      LayerDescription("head.c", FlattenLayer()),
      .linear("head.d", outputs: 11), .linear("head.e", outputs: nil),
    ]
    let network = try NetworkDescription(layers: layers, size: Extent(height: 12, width: 16)).network(
      channels: 3, classes: 5)
    #expect(network.parameters.map(\.shape) == [[5, 5, 3, 6], [6], [4 * 6 * 6, 11], [11], [11, 5], [5]])
    #expect(problem(layers).contains("head.c gets maps whose extent depends on the image"))
    #expect(problem(layers).contains("network.size"))
    #expect(problem(layers, size: Extent(height: 4, width: 4)).contains("features.a"))
  }

  @Test func whatDoesNotFitIsNamed() {
    #expect(problem([.linear("head.a", outputs: 3)]).contains("head.a gets maps of 3 channels, expected features"))
    #expect(
      problem([LayerDescription("head.u", L2NormalizationLayer())]).contains(
        "head.u gets maps of 3 channels, expected features"))
    let average = LayerDescription("head.pool", GlobalAveragePoolingLayer())
    #expect(problem([average, .convolution("head.b", outputs: 3, kernel: 3)]).contains("head.b gets 3"))
    #expect(problem([average, .linear("head.c", outputs: 4)]).contains("4 outputs, and there are 5 classes"))
    #expect(problem([average, .linear("a.c", outputs: 4), .linear("b.c", outputs: nil)]).contains("named c"))
    #expect(problem([average, .linear("a.c", outputs: nil)], regions: true).contains("roi-pool"))
    #expect(problem([average, .linear("a.c", outputs: nil)]) == "none")
    let residual = LayerDescription(
      "features.r", ResidualLayer(layers: [.convolution("x", outputs: 4, kernel: 1)]))
    #expect(problem([residual]).contains("features.r adds maps of 4 channels to maps of 3 channels"))
    let pool = LayerDescription("p", ROIPoolLayer(grid: Extent(height: 2, width: 2)))
    for layer: any Layer in [ResidualLayer(layers: [pool], shortcut: [pool]), ConcatenationLayer(branches: [[pool]])] {
      #expect(problem([LayerDescription("features.r", layer)]).contains("features.r.p pools regions inside features.r"))
    }
  }

  @Test func wrongNumbersAreRefused() {
    func decodes(_ json: String) -> Bool {
      (try? JSONDecoder().decode(NetworkDescription.self, from: Data(json.utf8))) != nil
    }
    #expect(decodes(#"{"layers": [{"kind": "linear", "name": "head.a"}]}"#))
    #expect(!decodes(#"{"layers": []}"#))
    #expect(!decodes(#"{"preset": "vgg16", "layers": [{"kind": "relu", "name": "a"}]}"#))
    for layer in [
      #"{"kind": "linear", "name": "a", "outputs": 0}"#, #"{"kind": "linear", "name": "a..b"}"#,
      #"{"kind": "linear", "name": "a*"}"#, #"{"kind": "convolution", "name": "a", "kernel": 0}"#,
      #"{"kind": "convolution", "name": "a", "kernel": [1, 2, 3]}"#, #"{"kind": "convolution", "name": "a"}"#,
      #"{"kind": "dropout", "name": "a", "rate": 1}"#, #"{"kind": "max-pooling", "name": "a", "padding": 2}"#,
      #"{"kind": "roi-pool", "name": "a", "grid": 65}"#, #"{"kind": "unheard-of", "name": "a"}"#, #"{"kind": "relu"}"#,
    ] { #expect(!decodes("{\"layers\": [\(layer)]}"), "\(layer)") }
  }
}
