import Images
import Tensors
import Testing

@Suite struct PixelWindowTests {
  @Test func croppingIsBlackBeyondTheImage() {
    let image = Image(height: 3, width: 4, channels: 1, pixels: (1...12).map { UInt8($0) })
    func cut(_ top: Int, _ left: Int, _ height: Int, _ width: Int) -> [UInt8] {
      image.cropped(to: PixelWindow(top: top, left: left, extent: Extent(height: height, width: width))).pixels
    }
    #expect(cut(1, 2, 2, 2) == [7, 8, 11, 12])
    #expect(cut(-1, -1, 3, 3) == [0, 0, 0, 0, 1, 2, 0, 5, 6])
    #expect(cut(2, 3, 2, 2) == [12, 0, 0, 0])
    #expect(cut(5, 0, 1, 2) == [0, 0] && cut(0, -3, 1, 2) == [0, 0] && cut(0, 9, 1, 2) == [0, 0])
    let color = Image(height: 1, width: 3, channels: 3, pixels: (1...9).map { UInt8($0) })
    let window = PixelWindow(top: 0, left: 1, extent: Extent(height: 1, width: 3))
    #expect(color.cropped(to: window).pixels == [4, 5, 6, 7, 8, 9, 0, 0, 0])
  }

  /// Extents and offsets that torchvision's `Resize` and `CenterCrop` compute.
  @Test func shorterSidesAndCentersAreThoseOfTorchvision() {
    #expect(Extent(height: 300, width: 401).scaled(toShorter: 256) == Extent(height: 256, width: 342))
    #expect(Extent(height: 401, width: 300).scaled(toShorter: 256) == Extent(height: 342, width: 256))
    #expect(Extent(side: 3024).scaled(toShorter: 32) == Extent(side: 32))
    #expect(Extent(height: 1, width: 10).scaled(by: 0.25) == Extent(height: 1, width: 3))
    let window = PixelWindow(Extent(side: 224), inMiddleOf: Extent(height: 256, width: 343))
    #expect((window.top, window.left) == (16, 60))
    let small = PixelWindow(Extent(side: 5), inMiddleOf: Extent(height: 2, width: 4))
    #expect((small.top, small.left) == (-2, 0))
  }
}
