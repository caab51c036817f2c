import Layers
import Tensors

extension NetworkDescription.Preset {
  var smallVGG: [LayerDescription] {
    [[16, 16], [32, 32]].enumerated().flatMap { block, widths in
      widths.enumerated().flatMap { index, outputs in
        let suffix = "\(block + 1)_\(index + 1)"
        return [
          LayerDescription.convolution(
            "features.conv\(suffix)", outputs: outputs, kernel: 3, padding: 1, hasBias: false),
          .normalization("features.norm\(suffix)"), .relu("features.relu\(suffix)"),
        ]
      } + [.halving("features.pool\(block + 1)")]
    }
  }

  func vgg(_ counts: [Int]) -> [LayerDescription] {
    var layers: [LayerDescription] = []
    for (block, (count, outputs)) in zip(counts, [64, 128, 256, 512, 512]).enumerated() {
      let name = "features.block\(block + 1)"
      for index in 1...count {
        layers.append(.convolution("\(name)_conv\(index)", outputs: outputs, kernel: 3, padding: 1))
        layers.append(.relu("\(name)_relu\(index)"))
      }
      if block < counts.count - 1 { layers.append(.halving("\(name)_pool")) }
    }
    return layers
  }
}
