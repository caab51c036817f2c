import Kernels
import Layers
import Tensors

/// The outputs of a detector besides the class scores, `main`: box deltas of each region, and a region proposal network.
///
/// `boxes` is one more layer beside the classifier, on the same hidden layers (Girshick, Fast R-CNN, 2015). `objectness` and
/// `deltas` give one value and four values for each anchor of each position of the backbone's maps, after a 3×3 convolution
/// that they share (Ren et al., Faster R-CNN, 2015).
package struct DetectorOutputs: Sendable, Equatable {
  /// The name of the output of box deltas, `[regions, boxes]`.
  package static let boxes = "boxes"
  /// The name of the output of logits of an object at each anchor, `[positions, anchors]`.
  package static let objectness = "objectness"
  /// The name of the output of deltas of each anchor, `[positions, 4 · anchors]`.
  package static let deltas = "deltas"

  /// Values of `boxes` for each region: four, or four for each class.
  package var boxCount: Int
  /// Anchors of each position; `nil` without a region proposal network.
  package var anchors: Int?
  /// Channels of the region proposal network's convolution.
  package var width: Int

  /// The outputs of a detector; default: no region proposal network.
  package init(boxCount: Int, anchors: Int? = nil, width: Int = 512) {
    (self.boxCount, self.anchors, self.width) = (boxCount, anchors, width)
  }

  /// An output's layers and the layer, by its path, that it begins after; `nil` is the trunk.
  typealias Output = (name: String, layers: [LayerDescription], start: String?)

  /// The outputs in order.
  ///
  /// - Parameter main: the layers of the head.
  /// - Throws: `ShapeError` for a head without a layer between its pooling and its classifier's input.
  func outputs(on main: [LayerDescription]) throws(ShapeError) -> [Output] {
    guard let classifier = main.lastIndex(where: { $0.layer is LinearLayer || $0.layer is ConvolutionLayer }),
      classifier > 0
    else { throw ShapeError(problem: "a detector's head needs a pooling layer before its classifier") }
    // Deltas have any sign: a ReLU after the class scores has none beside it.
    let beside = main[(classifier + 1)...].filter { !($0.layer is ReLULayer) }.map {
      LayerDescription("head.boxes_\($0.lastName)", $0.layer)
    }
    let boxes: LayerDescription =
      if let convolution = main[classifier].layer as? ConvolutionLayer {
        LayerDescription(
          "head.boxes",
          ConvolutionLayer(outputs: boxCount, kernel: convolution.kernel, standardDeviation: 0.001))
      } else {
        .linear("head.boxes", outputs: boxCount, standardDeviation: 0.001)
      }
    var outputs: [Output] = [(Self.boxes, [boxes] + beside, main[classifier - 1].name)]
    guard let anchors else { return outputs }
    outputs.append(
      (
        Self.objectness,
        [
          .convolution("rpn.rpn_conv", outputs: width, kernel: 3, padding: 1, standardDeviation: 0.01),
          .relu("rpn.rpn_relu"),
          .convolution("rpn.rpn_objectness", outputs: anchors, kernel: 1, standardDeviation: 0.01),
        ], nil
      ))
    outputs.append(
      (
        Self.deltas,
        [.convolution("rpn.rpn_deltas", outputs: 4 * anchors, kernel: 1, standardDeviation: 0.01)], "rpn.rpn_relu"
      ))
    return outputs
  }
}
