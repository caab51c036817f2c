import Foundation
import Images
import Testing

/// The bytes of a fixture made by `Fixtures/make_fixtures.py`.
func fixture(_ name: String) throws -> [UInt8] {
  let url = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
  return [UInt8](try Data(contentsOf: url.appendingPathComponent(name)))
}

/// The message of the error that decoding these bytes as `name` throws.
func refusal(_ bytes: [UInt8], name: String = "a.img", pixelLimit: Int = Image.defaultPixelLimit) throws -> String {
  try #require(throws: ImageError.self) {
    try Image(decoding: bytes, name: name, pixelLimit: pixelLimit)
  }.message
}

@Suite struct ImageDecodingTests {
  @Test(arguments: [
    ("color.jpg", 13, 17, 3), ("progressive.jpg", 13, 17, 3), ("gray.jpg", 11, 9, 1),
    ("color.png", 13, 17, 3), ("gray.png", 11, 9, 1), ("deep.png", 11, 9, 1), ("alpha.png", 13, 17, 3),
    ("palette.png", 13, 17, 3), ("bilevel.png", 11, 9, 1),
  ])
  func samplesAreThoseOfPillow(name: String, height: Int, width: Int, channels: Int) throws {
    let image = try Image(decoding: fixture(name), name: name)
    #expect(image.height == height && image.width == width && image.channels == channels)
    #expect(image.pixels == (try fixture(name + ".raw")))
  }

  @Test func conversionKeepsGrayAndWeighsColors() throws {
    let color = try Image(decoding: fixture("color.png"), name: "color")
    let luma = color.converted(toChannels: 1)
    #expect(luma.pixels == (try fixture("luma.raw")))
    let tripled = luma.converted(toChannels: 3)
    #expect(
      tripled.channels == 3 && tripled.pixels.prefix(3).elementsEqual([luma.pixels[0], luma.pixels[0], luma.pixels[0]]))
    #expect(tripled.converted(toChannels: 1) == luma)
    #expect(color.converted(toChannels: 3) == color)
  }

  @Test(arguments: ["color.jpg", "progressive.jpg", "gray.jpg", "color.png", "deep.png", "palette.png"])
  func everyTruncationIsOneErrorWithTheName(name: String) throws {
    let whole = try fixture(name)
    for length in stride(from: whole.count - 1, through: 0, by: -7) {
      let message = try refusal(Array(whole.prefix(length)), name: "pictures/" + name)
      #expect(message.hasPrefix("pictures/" + name + ": "), "\(message)")
    }
  }

  @Test func damageInThePixelsIsAnError() throws {
    var jpeg = try fixture("color.jpg")
    jpeg.replaceSubrange(jpeg.count - 60..<jpeg.count - 56, with: [0xFF, 0xD9, 0xFF, 0xC0])
    #expect(try refusal(jpeg).contains("damaged JPEG"))
    var png = try fixture("color.png")
    png[png.count / 2] ^= 0x40
    #expect(try refusal(png).contains("damaged PNG"))
  }

  @Test func extentsAreCheckedBeforeDecoding() throws {
    #expect(try refusal(fixture("color.jpg"), pixelLimit: 220).contains("declares 17 x 13 pixels, the limit is 220"))
    #expect(throws: Never.self) { try Image(decoding: fixture("color.jpg"), name: "a", pixelLimit: 221) }
    // A JPEG that declares 65,500 x 65,500 pixels in its frame header, with nothing behind them.
    var jpeg = try fixture("gray.jpg")
    let frame = try #require(jpeg.indices.first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
    jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
    #expect(try refusal(jpeg).contains("declares 65500 x 65500 pixels"))
  }

  @Test func otherKindsAreRefused() throws {
    #expect(try refusal([]).contains("empty"))
    #expect(try refusal(Array("BM, a text".utf8)).contains("expected a JPEG, PNG, WebP, TIFF, BMP or GIF file"))
    #expect(try refusal(Array("RIFF\0\0\0\0WAVE".utf8)).contains("expected a JPEG, PNG, WebP, TIFF, BMP or GIF file"))
  }
}
