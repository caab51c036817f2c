import Images
import Tensors
import Testing

@Suite struct OrientationTests {
  /// The same stored picture in every orientation, the number in either byte order.
  @Test(arguments: 1...8, ["I", "M"]) func jpegsAreTurnedAsByPillow(orientation: Int, order: String) throws {
    let name = "orientation-\(orientation)-\(order).jpg"
    let image = try Image(decoding: fixture(name), name: name)
    #expect(image.extent == (orientation > 4 ? Extent(height: 14, width: 9) : Extent(height: 9, width: 14)))
    #expect(image.pixels == (try fixture("orientation-\(orientation).raw")))
  }

  @Test func mirroringTwiceChangesNothing() throws {
    let image = try Image(decoding: fixture("orientation-1-I.jpg"), name: "upright")
    let mirrored = try Image(decoding: fixture("orientation-2-I.jpg"), name: "mirrored")
    #expect(image != mirrored && image.mirrored() == mirrored && image.mirrored().mirrored() == image)
  }

  /// Damage in the metadata never reaches beyond it: each byte of it in turn is set to extremes.
  @Test func damagedMetadataIsLeftAside() throws {
    let whole = try fixture("orientation-6-M.jpg")
    let stored = try Image(decoding: fixture("orientation-1-I.jpg"), name: "a").pixels.count
    let exif = try #require(whole.indices.first { whole[$0...].starts(with: Array("Exif".utf8)) })
    let end = exif + Int(whole[exif - 2]) << 8 + Int(whole[exif - 1]) - 2
    for position in exif..<end {
      for value: UInt8 in [0, 0x7F, 0xFF] {
        var bytes = whole
        bytes[position] = value
        #expect(try Image(decoding: bytes, name: "a").pixels.count == stored)
      }
    }
  }
}
