/// What the file of a network says besides its layers: a remark, which makes no two networks differ.
package struct ImportRemark: Sendable, Equatable {
  /// What is done to images before the network, in words, such as `scale 0.0039`.
  package var preparation: [String]
  /// By the names of layers of the file that are a part of another here, that other: Caffe's Scale by its BatchNorm.
  package var partners: [String: String]

  /// A remark; nothing by default.
  package init(preparation: [String] = [], partners: [String: String] = [:]) {
    (self.preparation, self.partners) = (preparation, partners)
  }

  /// True: remarks are not compared.
  package static func == (left: ImportRemark, right: ImportRemark) -> Bool { true }
}
