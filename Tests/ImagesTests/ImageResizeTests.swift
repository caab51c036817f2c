import Images
import Testing

@Suite struct ImageResizeTests {
  @Test(arguments: [(5, 7), (26, 34), (13, 6), (29, 17), (1, 1), (40, 3)])
  func colorIsPillowsBilinear(height: Int, width: Int) throws {
    let resized = try Image(decoding: fixture("color.png"), name: "color").resized(height: height, width: width)
    #expect(resized.height == height && resized.width == width && resized.channels == 3)
    #expect(resized.pixels == (try fixture("color-\(height)x\(width).raw")))
  }

  @Test(arguments: [(28, 28), (4, 4)])
  func grayIsPillowsBilinear(height: Int, width: Int) throws {
    let resized = try Image(decoding: fixture("gray.png"), name: "gray").resized(height: height, width: width)
    #expect(resized.pixels == (try fixture("gray-\(height)x\(width).raw")))
  }

  @Test func sameSizeIsTheSameImage() throws {
    let image = try Image(decoding: fixture("gray.png"), name: "gray")
    #expect(image.resized(height: image.height, width: image.width) == image)
  }

  /// Images with fewer pixels than the filter has taps.
  @Test func imagesOfOneAndTwoPixels() {
    let one = Image(height: 1, width: 1, channels: 3, pixels: [9, 80, 255])
    #expect(one.resized(height: 3, width: 5).pixels == (0..<15).flatMap { _ in [9, 80, 255] as [UInt8] })
    let two = Image(height: 1, width: 2, channels: 1, pixels: [0, 255])
    #expect(two.resized(height: 2, width: 4).pixels == [0, 64, 191, 255, 0, 64, 191, 255])
  }
}
