import Kernels
import Layers
import Tensors

/// The names and sizes of a source model's layers above its backbone, by which a head finds them in the model's file.
struct Top: Sendable {
  /// The extent of the maps that the first fully connected layer gets, in positions.
  var grid: Extent
  /// Names and widths of the hidden fully connected layers.
  var hidden: [(name: String, width: Int)]
  /// Further hidden layers of a head are named by this prefix and a number.
  var prefix: String
  /// The number of the first hidden layer.
  var firstNumber: Int
  /// The name of the classifier.
  var classifier: String
  /// The pooling between backbone and grid, for heads without ROIPool.
  var pooling: LayerDescription?

  init(
    grid: Int = 7, hidden: [(name: String, width: Int)], prefix: String = "fc", from firstNumber: Int = 1,
    classifier: String, pooling: LayerDescription? = nil
  ) {
    self.grid = Extent(height: grid, width: grid)
    (self.hidden, self.prefix, self.firstNumber) = (hidden, prefix, firstNumber)
    (self.classifier, self.pooling) = (classifier, pooling)
  }

  /// The names and widths of the hidden layers of a head.
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

  /// A hidden layer of a head: its name, its outputs and the number in the name of its activation.
  struct HiddenLayer {
    let name: String
    let width: Int
    let number: Int
    /// Whether the classifier follows it.
    let isLast: Bool
  }
}
