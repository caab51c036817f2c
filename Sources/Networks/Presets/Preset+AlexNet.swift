import Layers
import Tensors

extension NetworkDescription.Preset {
  /// The five convolutions of torchvision's AlexNet, without the last pooling.
  var alexnet: [LayerDescription] {
    [
      .convolution("features.conv1", outputs: 64, kernel: 11, stride: 4, padding: 2), .relu("features.relu1"),
      pooling(1),
      .convolution("features.conv2", outputs: 192, kernel: 5, padding: 2), .relu("features.relu2"), pooling(2),
      .convolution("features.conv3", outputs: 384, kernel: 3, padding: 1), .relu("features.relu3"),
      .convolution("features.conv4", outputs: 256, kernel: 3, padding: 1), .relu("features.relu4"),
      .convolution("features.conv5", outputs: 256, kernel: 3, padding: 1), .relu("features.relu5"),
    ]
  }

  /// The five convolutions of Caffe's `bvlc_reference_caffenet`, without the last pooling; for images of 227 pixels.
  var caffenet: [LayerDescription] {
    [
      .convolution("features.conv1", outputs: 96, kernel: 11, stride: 4), .relu("features.relu1"),
      pooling(1), response(1),
      .convolution("features.conv2", outputs: 256, kernel: 5, padding: 2, groups: 2), .relu("features.relu2"),
      pooling(2), response(2),
      .convolution("features.conv3", outputs: 384, kernel: 3, padding: 1), .relu("features.relu3"),
      .convolution("features.conv4", outputs: 384, kernel: 3, padding: 1, groups: 2), .relu("features.relu4"),
      .convolution("features.conv5", outputs: 256, kernel: 3, padding: 1, groups: 2), .relu("features.relu5"),
    ]
  }

  private func pooling(_ number: Int) -> LayerDescription {
    LayerDescription("features.pool\(number)", MaxPoolingLayer(size: 3, stride: 2, ceilMode: self == .caffenet))
  }

  private func response(_ number: Int) -> LayerDescription {
    LayerDescription("features.norm\(number)", LocalResponseNormalizationLayer())
  }
}
