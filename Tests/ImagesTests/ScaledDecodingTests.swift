import Foundation
import Images
import Tensors
import Testing

/// JPEG files decoded at a part of their size against Pillow's `Image.draft` (`Fixtures/make_scaled.py`).
@Suite struct ScaledDecodingTests {
  struct Entry: Decodable {
    struct Part: Decodable {
      var height: Int
      var width: Int
      var samples: String
    }
    var file: String
    var parts: [String: Part]
  }

  private static func entries() throws -> [Entry] {
    try JSONDecoder().decode([Entry].self, from: Data(fixture("scaled.json")))
  }

  @Test func partsAreThoseOfPillow() throws {
    let entries = try Self.entries()
    #expect(entries.count == 5)
    for entry in entries {
      let isTurned = entry.file == "turned.jpg"
      for (factor, part) in entry.parts {
        // Pillow turns nothing: what is turned here has its sides swapped.
        let wanted = Extent(
          height: isTurned ? part.width : part.height, width: isTurned ? part.height : part.width)
        let decoded = try DecodedImage(fixture("scaled/" + entry.file), name: entry.file) { whole in
          #expect(whole == (isTurned ? Extent(height: 61, width: 47) : Extent(height: 47, width: 61)))
          return wanted
        }
        #expect(decoded.image.extent == wanted, "\(entry.file) at 1/\(factor)")
        #expect(decoded.extent == (isTurned ? Extent(height: 61, width: 47) : Extent(height: 47, width: 61)))
        let samples = decoded.image.pixels
        let digits = Array(part.samples.utf8)
        func value(_ digit: UInt8) -> Int { Int(digit) - (digit < 97 ? 48 : 87) }
        func expected(_ place: Int) -> Int { value(digits[2 * place]) * 16 + value(digits[2 * place + 1]) }
        let channels = decoded.image.channels
        #expect(digits.count == 2 * samples.count)
        var worst = 0
        for y in 0..<wanted.height {
          for x in 0..<wanted.width {
            // Orientation 6: the stored image's rows are the upright one's columns, from the right.
            let stored = isTurned ? (part.height - 1 - x) * part.width + y : y * part.width + x
            for c in 0..<channels {
              worst = max(
                worst, abs(Int(samples[(y * wanted.width + x) * channels + c]) - expected(stored * channels + c)))
            }
          }
        }
        #expect(worst <= 1, "\(entry.file) at 1/\(factor): \(worst)")
      }
    }
  }

  /// The least part that is no smaller in both sides is taken; never less than 1/8, and whole where a side is one larger.
  @Test func theLeastPartThatCovers() throws {
    let bytes = try fixture("scaled/color.jpg")
    for (wanted, expected) in [
      (Extent(height: 24, width: 31), Extent(height: 24, width: 31)),
      (Extent(height: 25, width: 1), Extent(height: 47, width: 61)),
      (Extent(height: 1, width: 32), Extent(height: 47, width: 61)),
      (Extent(height: 12, width: 17), Extent(height: 24, width: 31)),
      (Extent(height: 12, width: 16), Extent(height: 12, width: 16)), (Extent(side: 1), Extent(height: 6, width: 8)),
      (Extent(height: 100, width: 100), Extent(height: 47, width: 61)),
    ] {
      #expect(try DecodedImage(bytes, name: "a") { _ in wanted }.image.extent == expected, "\(wanted)")
    }
    #expect(try DecodedImage(bytes, name: "a").image.extent == Extent(height: 47, width: 61))
    // Other formats have no parts.
    let png = try DecodedImage(fixture("matrix/rgb-8.png"), name: "b") { _ in Extent(side: 1) }
    #expect(png.image.extent == png.extent)
  }
}
