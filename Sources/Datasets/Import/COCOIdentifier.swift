/// The identifier of an image, an annotation or a category in a COCO file: a whole number, or a text, as some tools write.
enum COCOIdentifier: Decodable, Hashable, Comparable, CustomStringConvertible {
  case number(Int)
  case text(String)

  /// A text that is a whole number is that number: files have both.
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = Int(text).flatMap { "\($0)" == text ? .number($0) : nil } ?? .text(text)
    } else {
      self = .number(try container.decode(Int.self))
    }
  }

  var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .text(let text): text
    }
  }
}
