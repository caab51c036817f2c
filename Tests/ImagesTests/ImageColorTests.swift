import Images
import Testing

@Suite struct ImageColorTests {
  @Test(arguments: ["brightness", "contrast", "color"], ["0", "0.25", "0.75", "1.5"])
  func colorsChangeAsInPillow(kind: String, factor: String) throws {
    let image = try Image(decoding: fixture("color.png"), name: "color")
    #expect(changed(image, kind, Float(factor)!).pixels == (try fixture("\(kind)-\(factor).raw")))
    #expect(changed(image, kind, 1) == image)
  }

  @Test(arguments: ["brightness", "contrast", "color"]) func grayChangesAsInPillow(kind: String) throws {
    let image = try Image(decoding: fixture("gray.png"), name: "gray")
    #expect(changed(image, kind, 1.5).pixels == (try fixture("gray-\(kind)-1.5.raw")))
  }

  private func changed(_ image: Image, _ kind: String, _ factor: Float) -> Image {
    switch kind {
    case "brightness": image.withBrightness(factor)
    case "contrast": image.withContrast(factor)
    default: image.withSaturation(factor)
    }
  }

}
