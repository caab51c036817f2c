internal import Foundation
internal import Images
internal import Tensors

/// A picture within the page, with the boxes of objects drawn over it.
struct Picture {
  /// The box of an object.
  struct Frame {
    enum Kind: String {
      /// Ground truth.
      case truth
      /// Ground truth that need not be found: difficult objects, crowds, places to be ignored.
      case spared
      /// A detection.
      case found
    }
    var box: Box
    var kind: Kind
    /// What it is, shown on hover.
    var tip: String
  }

  /// What is embedded, with at most the pixels that are shown.
  private let image: Image
  /// Of the image that the boxes lie in.
  private let extent: Extent
  private let frames: [Frame]
  private let alternative: String

  /// - Parameters:
  ///   - alternative: the text for those who do not see it.
  ///   - longest: pixels of the longer side, at most.
  init(_ image: Image, _ alternative: String, frames: [Frame] = [], longest: Int) {
    extent = image.extent
    let side = max(extent.height, extent.width)
    self.image =
      side <= longest
      ? image
      : image.resized(
        height: max(1, extent.height * longest / side), width: max(1, extent.width * longest / side))
    (self.frames, self.alternative) = (frames, alternative)
  }

  /// Few pixels are shown as squares.
  private var style: String { max(image.height, image.width) < 96 ? " class=\"pixels\"" : "" }
  private var source: String { "data:image/png;base64,\(Data(image.png()).base64EncodedString())" }

  var html: String {
    let name = Markup.escaped(alternative)
    guard !frames.isEmpty else {
      return "<img\(style) src=\"\(source)\" width=\"\(image.width)\" height=\"\(image.height)\" alt=\"\(name)\"/>\n"
    }
    let rectangles = frames.map { frame in
      let (x, y) = (SVG.number(Double(frame.box.x1)), SVG.number(Double(frame.box.y1)))
      let width = SVG.number(Double(frame.box.x2 - frame.box.x1) + 1)
      let height = SVG.number(Double(frame.box.y2 - frame.box.y1) + 1)
      let place = "x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\""
      return "<rect class=\"halo\" \(place)/><rect class=\"\(frame.kind.rawValue)\" \(place)>"
        + "<title>\(Markup.escaped(frame.tip))</title></rect>\n"
    }
    let size = "width=\"\(extent.width)\" height=\"\(extent.height)\""
    return "<svg viewBox=\"0 0 \(extent.width) \(extent.height)\" \(size) role=\"img\" aria-label=\"\(name)\">\n"
      + "<image\(style) \(size) href=\"\(source)\"/>\n\(rectangles.joined())</svg>\n"
  }
}

/// Pictures side by side, each with a few lines of text.
struct Gallery {
  struct Card {
    var picture: Picture
    /// The first is what the picture is, such as the name of its file.
    var lines: [String]
  }

  enum Size: String { case small, medium, large }

  var size: Size
  var cards: [Card]

  var html: String {
    guard !cards.isEmpty else { return "" }
    let items = cards.map { card in
      let lines = card.lines.map { "<span>\(Markup.escaped($0))</span>" }
      return "<li>\(card.picture.html)\(lines.joined())</li>\n"
    }
    return "<ul class=\"gallery \(size.rawValue)\">\n\(items.joined())</ul>\n"
  }
}
