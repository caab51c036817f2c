import Kernels
import Layers
import Tensors

/// What a source model has on top of its backbone: sizes and names, so that a head finds its layers in the model's file.
struct Top: Sendable {
  /// Cells that the fully connected layers see.
  var grid: Extent
  /// Names and widths of the hidden fully connected layers.
  var hidden: [(name: String, width: Int)]
  /// More hidden layers than the model has are named by a prefix and a number; the first of all has this number.
  var prefix: String
  var firstNumber: Int
  var classifier: String
  /// The pooling between the backbone and the grid where the grid is not pooled from a region.
  var pooling: LayerDescription?

  init(
    grid: Int = 7, hidden: [(name: String, width: Int)], prefix: String = "fc", from firstNumber: Int = 1,
    classifier: String, pooling: LayerDescription? = nil
  ) {
    self.grid = Extent(height: grid, width: grid)
    (self.hidden, self.prefix, self.firstNumber) = (hidden, prefix, firstNumber)
    (self.classifier, self.pooling) = (classifier, pooling)
  }

  /// Names and widths of the hidden layers of a head that asks for some width and depth.
  func hiddenLayers(of head: NetworkDescription.Head) -> [HiddenLayer] {
    let depth = head.depth ?? (hidden.isEmpty ? 2 : hidden.count)
    return (0..<depth).map { index in
      let own = index < hidden.count ? hidden[index] : nil
      return HiddenLayer(
        name: own?.name ?? "\(prefix)\(firstNumber + index)",
        width: head.width ?? own?.width ?? hidden.last?.width ?? 256, number: firstNumber + index,
        isLast: index == depth - 1)
    }
  }

  /// A hidden layer of a head: its name, its outputs and the number that its activation is named by.
  struct HiddenLayer {
    let name: String
    let width: Int
    let number: Int
    /// Whether the classifier follows.
    let isLast: Bool
  }
}
