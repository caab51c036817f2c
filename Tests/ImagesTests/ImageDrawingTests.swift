import Images
import Tensors
import Testing

/// PNG files that are written, and frames of boxes.
@Suite struct ImageDrawingTests {
  /// What is written is read back, gray and color, with rows of odd lengths.
  @Test(arguments: [1, 3]) func writtenFilesAreReadBack(channels: Int) throws {
    let (height, width) = (37, 53)
    var stream = RandomStream(seed: 3)
    let pixels = (0..<height * width * channels).map { _ in UInt8(stream.integer(below: 256)) }
    let image = Image(height: height, width: width, channels: channels, pixels: pixels)
    let bytes = image.png()
    #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(try Image(decoding: bytes, name: "a.png") == image)
  }

  @Test func framesLieWithinTheirBoxes() {
    let image = Image(height: 8, width: 9, channels: 3, pixels: [UInt8](repeating: 0, count: 8 * 9 * 3))
    func rows(_ box: Box) -> [String] {
      let pixels = image.framed(box, [1, 2, 3]).pixels
      return (0..<8).map { y in (0..<9).map { x in pixels[3 * (9 * y + x) + 2] == 3 ? "#" : "." }.joined() }
    }
    #expect(
      rows(Box(x1: 1, y1: 1, x2: 6, y2: 6)) == [
        ".........", ".######..", ".######..", ".##..##..", ".##..##..", ".######..", ".######..", ".........",
      ])
    // One that reaches beyond is drawn as far as it is inside; one far outside is not.
    #expect(
      rows(Box(x1: 5, y1: -9, x2: 30, y2: 1)) == [".....####", ".....####"] + [String](repeating: ".........", count: 6)
    )
    #expect(rows(Box(x1: 100, y1: 100, x2: 1e9, y2: 1e9)) == [String](repeating: ".........", count: 8))
  }
}
