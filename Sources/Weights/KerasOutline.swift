internal import Networks

/// The layers of a Keras model as its configuration has them, in order, with models within models.
struct KerasOutline {
  /// A layer, or a model within the model.
  struct Layer {
    /// Its name.
    let name: String
    /// Keras's class, such as `Conv2D`.
    let kind: String
    let settings: JSONValue
    /// The name of a class of another package, whatever `kind` is.
    let custom: String?
    /// The tensors that it gets; `nil` in a Sequential model.
    let inputs: [KerasTensor]?
    /// The layers of a model.
    let layers: [Layer]?
  }

  let layers: [Layer]
  /// Whether each layer gets the output of the one before it.
  let isSequential: Bool
  let outputs: [KerasTensor]

  /// `nil` where the text is not a model's configuration.
  init?(json: String) {
    guard let model = try? JSONValue(parsing: json) else { return nil }
    guard let layers = Self.layers(of: model, depth: 0) else { return nil }
    self.layers = layers
    isSequential = Self.isSequential(model)
    outputs = model["config"]["output_layers"].kerasTensors
  }

  private static func isSequential(_ model: JSONValue) -> Bool { model["class_name"].string == "Sequential" }

  private static func layers(of model: JSONValue, depth: Int) -> [Layer]? {
    guard depth < 16, let list = model["config"].array ?? model["config"]["layers"].array else { return nil }
    let isSequential = isSequential(model)
    return list.map { layer in
      let full = layer.kerasClass ?? "?"
      // A legacy file has the registered name alone.
      let kind = (layer["class_name"].string ?? "?").split(separator: ">").last.map(String.init) ?? "?"
      let name = layer["config"]["name"].string ?? layer["name"].string ?? kind
      return Layer(
        name: name, kind: kind, settings: layer["config"], custom: full == kind ? nil : full,
        inputs: isSequential ? nil : layer["inbound_nodes"].kerasTensors, layers: layers(of: layer, depth: depth + 1))
    }
  }
}

extension KerasOutline {
  /// A layer's path, such as `tower_a/dense`, and its place in the model's order, from the outermost model on.
  typealias Place = (path: String, indices: [Int])

  /// The places of all layers but models.
  var places: [Place] { Self.places(layers, "", []) }

  private static func places(_ layers: [Layer], _ path: String, _ indices: [Int]) -> [Place] {
    layers.enumerated().flatMap { index, layer in
      layer.layers.map { places($0, path + layer.name + "/", indices + [index]) }
        ?? [(path + layer.name, indices + [index])]
    }
  }
}

extension KerasOutline.Layer {
  /// The class as Keras 3 names groups: `MaxPooling2D` is `max_pooling2d` (`keras/src/utils/naming.py`).
  var group: String {
    let letters = Array(kind.filter { $0.isLetter || $0.isNumber || $0 == "_" })
    var name = ""
    for (index, letter) in letters.enumerated() {
      let previous = index > 0 ? letters[index - 1] : nil
      let next = index + 1 < letters.count ? letters[index + 1] : nil
      if let previous, letter.isUppercase, previous != "_", previous.isLowercase || next?.isLowercase == true {
        name += "_"
      }
      name += letter.lowercased()
    }
    return name
  }

  /// Whether its tensors are of bfloat16: by its type, or by the policy that it has in place of one.
  var isBFloat16: Bool { (settings["dtype"].string ?? settings["dtype"]["config"]["name"].string) == "bfloat16" }

  /// Of a batch normalization, the kinds of its tensors in Keras's order.
  var normalizationRoles: [TensorRole]? {
    guard kind == "BatchNormalization" else { return nil }
    return (settings["scale"].bool == false ? [] : [.scale]) + (settings["center"].bool == false ? [] : [.offset])
      + [.mean, .variance]
  }
}
