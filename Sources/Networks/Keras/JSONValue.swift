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

/// A tensor in a Keras model: an output of a layer.
package struct KerasTensor: Sendable, Equatable {
  /// The layer's name.
  package let layer: String
  /// Which of the layer's outputs it is.
  package let output: Int
}

extension JSONValue {
  /// Of a Keras layer's `inbound_nodes` or a model's `output_layers`, the tensors: Keras 2 writes `["name", 0, 0, {}]`, Keras
  /// 3 a `keras_history`, of layer, call and output.
  package var kerasTensors: [KerasTensor] {
    switch self {
    case .array(let values):
      if case .string(let name)? = values.first, values.count >= 3, values[1].number != nil {
        return [KerasTensor(layer: name, output: values[2].integer ?? 0)]
      }
      return values.flatMap(\.kerasTensors)
    case .object(let values):
      if let history = values["keras_history"] { return history.kerasTensors }
      return values.keys.sorted().flatMap { (values[$0] ?? .null).kerasTensors }
    default: return []
    }
  }

  /// The names of the layers whose outputs these are.
  package var kerasInputs: [String] { kerasTensors.map(\.layer) }

  /// The class of a Keras layer or model, such as `Conv2D`; one of another package by the name that it is registered by, such
  /// as `my>Conv2D`, or with its module.
  package var kerasClass: String? {
    guard let name = self["class_name"].string else { return nil }
    if let registered = self["registered_name"].string, registered.contains(">") { return registered }
    guard let module = self["module"].string else { return name }
    let root = module.split(separator: ".").first ?? ""
    let isOwn =
      ["keras", "tf_keras", "keras_core"].contains(root) || module.contains("tensorflow") && module.contains("keras")
    return isOwn ? name : "\(module).\(name)"
  }

  /// The name of a Keras layer's activation; a function of another package is no built-in one, whatever its name.
  package var kerasActivation: String {
    if let name = string { return name }
    let name = self["config"].string ?? self["class_name"].string ?? "linear"
    return self["class_name"].string == "function"
      ? "\(name), a function of another package"
      : kerasClass.flatMap {
        $0 == self["class_name"].string ? nil : $0
      } ?? name
  }
}
