/// What a file does to images before its network, in words: a remark to be said, which makes no two networks differ.
package struct ImagePreparationRemark: Sendable, Equatable {
  /// Its parts, such as `scale 0.0039`.
  package var steps: [String]

  /// A remark; nothing by default.
  package init(_ steps: [String] = []) { self.steps = steps }

  /// True: remarks are not compared.
  package static func == (left: ImagePreparationRemark, right: ImagePreparationRemark) -> Bool { true }
}
