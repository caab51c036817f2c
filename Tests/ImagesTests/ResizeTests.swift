import Images
import Testing

@Suite struct ResizeTests {
  @Test(arguments: [(5, 7), (26, 34), (13, 6), (29, 17), (1, 1), (40, 3)])
  func colourIsPillowsBilinear(height: Int, width: Int) throws {
    let resized = try Image(decoding: fixture("colour.png"), name: "colour").resized(height: height, width: width)
    #expect(resized.height == height && resized.width == width && resized.channels == 3)
    #expect(resized.pixels == (try fixture("colour-\(height)x\(width).raw")))
  }

  @Test(arguments: [(28, 28), (4, 4)])
  func greyIsPillowsBilinear(height: Int, width: Int) throws {
    let resized = try Image(decoding: fixture("grey.png"), name: "grey").resized(height: height, width: width)
    #expect(resized.pixels == (try fixture("grey-\(height)x\(width).raw")))
  }

  @Test func sameSizeIsTheSameImage() throws {
    let image = try Image(decoding: fixture("grey.png"), name: "grey")
    #expect(image.resized(height: image.height, width: image.width) == image)
  }
}
