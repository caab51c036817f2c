/// A published weights file that can be fetched by name.
package struct KnownFile: Sendable, Equatable {
  /// The name to fetch it by, such as `vgg16`.
  package let name: String
  /// The published file name.
  package let fileName: String
  /// The address it is published at.
  package let url: String
  /// The published MD5, 32 hexadecimal digits.
  package let md5: String
  /// Bytes.
  package let size: Int
  /// A description with the license.
  package let content: String

  /// The files of Keras's applications (`keras/src/applications/vgg16.py` names addresses and checksums).
  package static let all = [
    keras(
      "vgg16", "vgg16_weights_tf_dim_ordering_tf_kernels.h5", md5: "64373286793e3c8b2b4e3219cbf3544b",
      size: 553_467_096, content: "VGG16 of ImageNet, all layers"),
    keras(
      "vgg16-notop", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", md5: "6d6bbae143d832006294945121d1f1fc",
      size: 58_889_256, content: "VGG16 of ImageNet, the convolutions alone"),
  ]

  private static func keras(_ name: String, _ fileName: String, md5: String, size: Int, content: String) -> KnownFile {
    KnownFile(
      name: name, fileName: fileName,
      url: "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/\(fileName)", md5: md5, size: size,
      content: "\(content) (Simonyan and Zisserman, CC BY 4.0; \(size / 1_000_000) MB)")
  }
}
