import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A parsed report page.
final class ReportedPage: NSObject, XMLParserDelegate {
  struct Figure {
    var name: String
    /// The values of marks, in order, with their positions.
    var marks: [(tip: String, x: Double, y: Double)] = []
  }

  private(set) var figures: [Figure] = []
  private(set) var ids: [String] = []
  private(set) var links: [String] = []
  private(set) var text = ""
  /// Embedded pictures with the text that stands for them.
  private(set) var images: [(source: String, alternative: String)] = []
  /// The names of all elements.
  private(set) var elements: Set<String> = []
  private var place: (x: Double, y: Double)?
  private var title: String?

  /// - Throws: if the markup is not well-formed; the style and the script are no markup.
  init(_ page: String) throws {
    super.init()
    var markup = page.replacing("<!DOCTYPE html>", with: "")
    for tag in ["style", "script"] {
      while let start = markup.range(of: "<\(tag)>"), let end = markup.range(of: "</\(tag)>") {
        markup.removeSubrange(start.lowerBound..<end.upperBound)
      }
    }
    let parser = XMLParser(data: Data(markup.utf8))
    parser.delegate = self
    guard parser.parse() else { throw parser.parserError ?? CocoaError(.coderReadCorrupt) }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements.insert(name)
    if name == "img" { images.append((attributes["src"] ?? "", attributes["alt"] ?? "")) }
    if name == "image" {
      images.append((attributes["href"] ?? "", ""))
      return
    }
    if let id = attributes["id"] { ids.append(id) }
    if let link = attributes["href"] { links.append(link) }
    switch name {
    case "figure": figures.append(Figure(name: attributes["id"] ?? ""))
    case "use", "rect":
      place = Double(attributes["x"] ?? "").flatMap { x in Double(attributes["y"] ?? "").map { (x, $0) } }
    case "title": title = ""
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters characters: String) {
    if title != nil { title? += characters } else { text += characters }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    guard name == "title", let tip = title else { return }
    title = nil
    if let place, !figures.isEmpty { figures[figures.count - 1].marks.append((tip, place.x, place.y)) }
    place = nil
  }
}
