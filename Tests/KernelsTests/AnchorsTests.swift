import Kernels
import Tensors
import Testing

@Suite struct AnchorsTests {
  @Test func agreesWithTorchvision() throws {
    for set in try BoxFixture().sets {
      let values = set.anchorSettings
      let anchors = Anchors(
        scales: values[0..<3].filter { $0 > 0 }.map(Double.init),
        ratios: values[3..<5].filter { $0 > 0 }.map { Double($0) / 8 })
      let map = Extent(height: values[5], width: values[6])
      #expect(anchors.boxes(of: map, stride: values[7]).edges == set.anchors, "set \(set.number)")
    }
  }

  /// A grid lies in its image and covers it.
  @Test func theGridOfAnImage() {
    let image = Extent(height: 50, width: 70)
    let boxes = Anchors(scales: [16, 32], ratios: [0.5, 1]).grid(over: image, stride: 16, atLeast: 8)
    #expect(boxes == boxes.clipped(to: image))
    #expect(boxes.indices.allSatisfy { boxes.width($0) >= 8 && boxes.height($0) >= 8 })
    for y in 0..<50 {
      for x in 0..<70 {
        let (x, y) = (Float(x), Float(y))
        #expect(
          boxes.indices.contains {
            boxes.left($0) <= x && x < boxes.right($0) && boxes.top($0) <= y && y < boxes.bottom($0)
          })
      }
    }
  }
}
