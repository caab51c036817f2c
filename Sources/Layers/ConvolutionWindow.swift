/// How the window of a convolution moves, as far as shapes of weights do not tell.
package struct ConvolutionWindow: Sendable, Equatable {
  /// The distance of two outputs, down and across.
  package let stride: [Int]
  /// The distance of two positions of the kernel, down and across.
  package let dilation: [Int]

  /// A window; of each, one number stands for both sides, and none for 1.
  package init(stride: [Int], dilation: [Int]) {
    func sides(_ list: [Int]) -> [Int] { list.isEmpty ? [1, 1] : [list[0], list[list.count - 1]] }
    (self.stride, self.dilation) = (sides(stride), sides(dilation))
  }

  /// What differs from another, in words, such as `stride 1` for a difference of strides.
  package func words(besides other: ConvolutionWindow) -> String {
    func text(_ sides: [Int]) -> String { Set(sides).count == 1 ? "\(sides[0])" : "\(sides[0]) × \(sides[1])" }
    var parts: [String] = []
    if stride != other.stride { parts.append("stride \(text(stride))") }
    if dilation != other.dilation { parts.append("dilation \(text(dilation))") }
    return parts.joined(separator: ", ")
  }
}
