import Foundation
import Images
import Testing

/// Every type, depth, palette, profile, orientation and format against Pillow (`Fixtures/make_matrix.py`).
@Suite struct DecodedImageTests {
  struct Entry: Decodable {
    var height: Int
    var width: Int
    var channels: Int
    var rgb: String
    var luma: String
    var traits: [String]
    var bound: Int
  }

  static func matrix() throws -> [String: Entry] {
    try JSONDecoder().decode([String: Entry].self, from: Data(fixture("matrix.json")))
  }

  private func decoded(_ name: String) throws -> DecodedImage {
    try DecodedImage(fixture("matrix/" + name), name: "matrix/" + name)
  }

  /// The greatest difference between samples and those in hexadecimal digits.
  private func difference(_ samples: [UInt8], _ digits: String) -> Int {
    let digits = Array(digits.utf8)
    guard digits.count == 2 * samples.count else { return 256 }
    func value(_ digit: UInt8) -> Int { Int(digit) - (digit < 97 ? 48 : 87) }
    return samples.indices.map {
      abs(Int(samples[$0]) - value(digits[2 * $0]) * 16 - value(digits[2 * $0 + 1]))
    }.max() ?? 0
  }

  @Test func samplesAreThoseOfPillow() throws {
    let matrix = try Self.matrix()
    #expect(matrix.count == 150)
    for (name, entry) in matrix.sorted(by: { $0.key < $1.key }) {
      let image: Image
      do { image = try decoded(name).image } catch {
        Issue.record("\(name): \(error)")
        continue
      }
      #expect(image.height == entry.height && image.width == entry.width, "\(name)")
      let ofColor = difference(image.converted(toChannels: 3).pixels, entry.rgb)
      let ofLuma = difference(image.converted(toChannels: 1).pixels, entry.luma)
      #expect(ofColor <= entry.bound && ofLuma <= entry.bound, "\(name): \(ofColor) and \(ofLuma)")
    }
  }

  @Test func grayFilesHaveOneChannel() throws {
    for (name, entry) in try Self.matrix() where entry.channels == 1 {
      #expect(try decoded(name).image.channels == 1, "\(name)")
    }
    for name in ["rgb-8.png", "jpeg-420.jpg", "lossless.webp", "palette.tif", "palette-8.bmp", "palette.gif"] {
      #expect(try decoded(name).image.channels == 3, "\(name)")
    }
  }

  @Test func whatPixelsDoNotTellIsRemarkedOn() throws {
    for (name, entry) in try Self.matrix() {
      let traits = try decoded(name).traits
      #expect(traits.keys.map { "\($0)" }.sorted() == entry.traits, "\(name)")
    }
    #expect(try decoded("pages.tif").traits == [.frames: "3 pages"])
    #expect(try decoded("animated.gif").traits == [.frames: "2 frames"])
    #expect(try decoded("animated.webp").traits == [.frames: "2 frames"])
    #expect(try decoded("animated.png").traits == [.frames: "2 frames"])
    #expect(try decoded("named.png.jpg").traits == [.misnamed: "PNG"])
  }

  /// A file that ends early is one error with its name; a negative control against decoders that fill in what is missing.
  @Test func everyTruncationIsAnError() throws {
    for name in try Self.matrix().keys.sorted() {
      let whole = try fixture("matrix/" + name)
      // A first page is whole where later ones are cut off. TIFF ends with a reference to no directory, BMP with padding.
      if name == "pages.tif" { continue }
      let longest = whole.count - (name.hasSuffix(".tif") ? 5 : name.hasSuffix(".bmp") ? 4 : 1)
      for length in stride(from: longest, through: 0, by: -max(1, whole.count / 40)) {
        let message = try refusal(Array(whole.prefix(length)), name: "images/" + name)
        #expect(message.hasPrefix("images/\(name): "), "\(message)")
      }
    }
  }

  @Test(arguments: [
    ("float.tif", "a TIFF file of floating-point samples, expected unsigned ones"),
    ("int.tif", "a TIFF file of signed samples, expected unsigned ones"),
    ("lab.tif", "a TIFF file of color space 8 with 3 samples of 8 bits, expected gray, a palette, RGB, CMYK"),
    ("bands.tif", "a TIFF file of color space 2 with 6 samples of 8 bits"),
    ("inks.tif", "a TIFF file of color space 5 with 4 samples of 8 bits"),
    ("thunderscan.tif", "a TIFF file of compression 32809, expected none, fax, LZW"),
    ("embedded.bmp", "a BMP file of 0 bits per pixel and compression 4"),
    ("gaps.bmp", "a BMP file whose color masks have gaps"),
  ])
  func whatIsNotReadIsRefused(name: String, message: String) throws {
    let found = try refusal(fixture("refused/" + name), name: name)
    #expect(found.hasPrefix("\(name): \(message)") && found.hasSuffix("convert the image or leave it out"), "\(found)")
  }

  /// Extents beyond the limit are refused before any memory is taken for them.
  @Test func extentsAreChecked() throws {
    for (name, entry) in try Self.matrix() {
      let count = entry.height * entry.width
      let message = try refusal(fixture("matrix/" + name), pixelLimit: count - 1)
      #expect(message.contains("the limit is \(count - 1) pixels"), "\(name): \(message)")
      #expect(throws: Never.self) {
        try DecodedImage(fixture("matrix/" + name), name: name, pixelLimit: count)
      }
    }
  }
}
