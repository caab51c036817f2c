import Foundation
internal import Support

/// JSON of COCO's kinds: keys in snake case, UTF-8 or what a byte order mark tells.
enum COCOText {
  /// Decodes a file of at most 1 GiB.
  /// - Parameters:
  ///   - name: what it should be, for errors.
  ///   - expected: what is in it, for errors.
  /// - Throws: `FileError` that names the first place that is wrong.
  static func decode<Contents: Decodable>(
    _ type: Contents.Type, of path: String, called name: String, expected: String
  ) throws(FileError) -> Contents {
    func refusal(_ what: String, expected: String, action: String = "correct the annotations") -> FileError {
      FileError(what: what, path: path, expected: expected, action: action)
    }
    var bytes = try FileBytes.read(path, limit: 1 << 30)
    if let mark = TextDecoding.mark(of: bytes), mark.encoding != "UTF-8" {
      bytes = Array(try TextDecoding.text(bytes, in: mark.encoding, path: path).utf8)
    } else if let place = TextDecoding.firstInvalid(in: bytes) {
      throw refusal("byte \(place) is not UTF-8 text", expected: "JSON in UTF-8", action: "save it as UTF-8")
    } else if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      bytes.removeFirst(3)
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(Contents.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw refusal(
        "not \(name) (\(error.reason))", expected: "JSON with \(expected)", action: "check that it is the right file")
    } catch {
      throw refusal("it cannot be read (\(error))", expected: "JSON")
    }
  }
}

extension DecodingError {
  /// Where and why decoding failed, in a few words.
  fileprivate var reason: String {
    func place(_ path: [any CodingKey]) -> String {
      path.reduce(into: "") { text, key in
        text += key.intValue.map { "[\($0)]" } ?? (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
    return switch self {
    case .keyNotFound(let key, let context): "\(place(context.codingPath + [key])) is missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      "\(place(context.codingPath)) is not a \(type)"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty ? "it is not JSON" : "\(place(context.codingPath)): \(context.debugDescription)"
    @unknown default: "it cannot be decoded"
    }
  }
}
