import Foundation

/// A JSON value of any structure.
package enum JSONValue: Decodable, Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Parses a text.
  ///
  /// - Throws: `DecodingError` if the text is not JSON.
  package init(parsing text: String) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
  }

  /// Any value.
  ///
  /// - Throws: `DecodingError` if it is not JSON.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// The value of a key; `null` if it is missing or this is not an object.
  package subscript(key: String) -> JSONValue {
    if case .object(let values) = self { values[key] ?? .null } else { .null }
  }

  /// The text; `nil` for another value.
  package var string: String? { if case .string(let text) = self { text } else { nil } }
  /// The number; `nil` for another value.
  package var number: Double? { if case .number(let value) = self { value } else { nil } }
  /// The truth value; `nil` for another value.
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The list; `nil` for another value.
  package var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

  /// A whole number of at most seven digits, which is enough for any extent or count of a network.
  package var integer: Int? { number.flatMap { abs($0) < 1e7 ? Int(exactly: $0) : nil } }
}

extension JSONValue {
  /// Of a Keras layer's `inbound_nodes`, the names of its inputs: Keras 2 writes `["name", 0, 0, {}]`, Keras 3 a
  /// `keras_history`.
  package var kerasInputs: [String] {
    switch self {
    case .array(let values):
      if case .string(let name)? = values.first, values.count >= 3, values[1].number != nil { return [name] }
      return values.flatMap(\.kerasInputs)
    case .object(let values):
      if case .array(let history)? = values["keras_history"] { return history.first?.string.map { [$0] } ?? [] }
      return values.keys.sorted().flatMap { (values[$0] ?? .null).kerasInputs }
    default: return []
    }
  }
}
