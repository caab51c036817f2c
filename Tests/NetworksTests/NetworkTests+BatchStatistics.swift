import Layers
import Networks
import Tensors
import Testing

/// Which layers normalize by statistics of the batch, and when one image gives them a single value.
extension NetworkTests {
  private static func network(head: [LayerDescription]) throws -> Network {
    try NetworkDescription(
      layers: [
        .convolution("conv1", outputs: 4, kernel: 3, padding: 1), .normalization("norm1"),
        LayerDescription(
          "block",
          ResidualLayer(
            layers: [.convolution("conv2", outputs: 4, kernel: 1), .normalization("norm2")],
            shortcut: [.normalization("norm3")])),
        LayerDescription("roi", ROIPoolLayer(grid: Extent(height: 1, width: 1))),
      ] + head
    ).network(channels: 1, classes: 3, regions: true)
  }

  @Test func layersThatNormalizeByTheBatchAreFound() throws {
    let network = try Self.network(head: [
      LayerDescription("flat", FlattenLayer()), .linear("fc1", outputs: 6), .normalization("norm4"),
      .linear("fc2", outputs: nil),
    ])
    func found(side: Int, freezing rules: [FreezeRule] = []) throws -> [Network.BatchStatistics] {
      try network.batchStatistics(
        of: .maps(Extent(height: side, width: side), channels: 1), trained: network.trainedParameters(freezing: rules))
    }
    let small = try found(side: 1)
    #expect(small.map(\.path) == ["norm1", "block.norm2", "block.norm3", "norm4"])
    #expect(small.map(\.isPerRegion) == [false, false, false, true])
    #expect(small.map(\.hasSingleValue) == [true, true, true, true])
    let large = try found(side: 2)
    #expect(large.map(\.hasSingleValue) == [false, false, false, true])
    #expect(large[3].input == .features(6))
    // Frozen layers use their running statistics; one of two parameters is not frozen.
    #expect(try found(side: 1, freezing: ["norm1.*", "*.norm2.*"]).map(\.path) == ["block.norm3", "norm4"])
    #expect(try found(side: 1, freezing: ["*.scale"]).count == 4)
    #expect(try found(side: 1, freezing: ["*"]).isEmpty)
  }
}
