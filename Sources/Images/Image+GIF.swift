/// Decodes the first frame of a GIF file on its canvas, and counts the others.
///
/// Where the frame leaves the canvas open, its transparent color is, or else the first.
func decodedGIF(_ bytes: [UInt8], name: String, pixelLimit: Int) throws(ImageError) -> DecodedImage {
  var reader = GIFReader(bytes)
  let (first, frames): (GIFReader.Frame?, Int?)
  do throws(GIFReader.Refusal) {
    (first, frames) = try reader.read { height, width in
      height > 0 && width > 0 && height * width <= pixelLimit
    }
  } catch {
    guard case .extent(let height, let width) = error else { throw ImageError(name, "damaged GIF (it ends early)") }
    try checkExtents(height: height, width: width, name: name, pixelLimit: pixelLimit)
    throw ImageError(name, "damaged GIF (its frame is empty)")
  }
  guard let first, let frames else { throw ImageError(name, "damaged GIF (it has no frame)") }
  guard let image = first.palette.image(height: first.height, width: first.width, indices: first.indices) else {
    throw ImageError(name, "damaged GIF (its pixels index colors that it does not have)")
  }
  var traits: [ImageTrait: String] = [:]
  if frames > 1 { traits[.frames] = "\(frames) frames" }
  if let transparent = first.transparent, first.indices.contains(transparent) { traits[.transparency] = "" }
  return DecodedImage(image, .gif, traits: traits)
}
