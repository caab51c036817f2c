internal import Networks
internal import Support

extension CaffeBinary {
  /// What a layer's settings say of its operation.
  struct Settings {
    /// Whether it has any of its own, as Caffe writes them.
    var isStated = false
    var epsilon: Float = 1e-5
    var slope: Float = 0
    var isMax = true
    var isGlobal = false
    var size: [Int] = []
    var stride: [Int] = []
    var dilation: [Int] = []
    /// Caffe's number of what an Eltwise does: 0 is a product, 1 a sum, 2 the maximum.
    var join: UInt64 = 1
    /// The factors of a sum.
    var coefficients: [Float] = []
    /// What is done to images, in words.
    var preparation: [String] = []

    /// Reads one field of a LayerParameter.
    mutating func read(_ number: Int, _ range: Range<Int>, _ reader: inout ProtobufReader) throws(FileError) {
      guard [100, 106, 110, 117, 121, 123, 139].contains(number) else { return }
      if number != 100 { isStated = true }
      for (field, value) in try reader.fields(in: range) {
        switch (number, field, value) {
        case (100, 1, .fixed(let bits)): preparation.append("scale \(Float(bitPattern: bits))")
        case (100, 4, .bytes): preparation.append("the mean of a file")
        case (100, 5, .fixed(let bits)): preparation.append("mean value \(Float(bitPattern: bits))")
        case (106, 6, .number(let side)), (106, 13...14, .number(let side)):
          stride.append(Int(truncatingIfNeeded: side))
        case (106, 6, .bytes(let packed)):
          stride += try reader.numbers(packed).map { Int(truncatingIfNeeded: $0) }
        case (106, 18, .number(let side)): dilation.append(Int(truncatingIfNeeded: side))
        case (106, 18, .bytes(let packed)):
          dilation += try reader.numbers(packed).map { Int(truncatingIfNeeded: $0) }
        case (110, 1, .number(let operation)): join = operation
        case (110, 2, .fixed(let bits)): coefficients.append(Float(bitPattern: bits))
        case (110, 2, .bytes(let packed)): coefficients += try reader.floats(packed)
        case (121, 1, .number(let method)): isMax = method == 0
        case (121, 2, .number(let side)), (121, 5...6, .number(let side)): size.append(Int(truncatingIfNeeded: side))
        case (121, 3, .number(let side)), (121, 7...8, .number(let side)): stride.append(Int(truncatingIfNeeded: side))
        case (121, 12, .number(let flag)): isGlobal = flag != 0
        case (123, 1, .fixed(let bits)): slope = Float(bitPattern: bits)
        case (139, 3, .fixed(let bits)): epsilon = Float(bitPattern: bits)
        default: break
        }
      }
    }
  }

  /// What the network does besides its weights; nil where the file has layers of weights alone.
  ///
  /// - Parameter inputs: the blobs that the network declares as its inputs.
  static func outline(of layers: [Layer], inputs: [String]) -> NetworkOutline? {
    guard layers.contains(where: \.settings.isStated) else { return nil }
    var outline = NetworkOutline()
    var steps = Dictionary(inputs.map { ($0, NetworkOutline.images) }) { first, _ in first }
    var owners: [String: Int] = [:]
    for (index, layer) in layers.enumerated() {
      let owner = owner(of: layer, owners, layers)
      for top in layer.tops { owners[top] = index }
      if ["Accuracy", "SoftmaxWithLoss", "Silence"].contains(layer.kind) { continue }
      let known = layer.bottoms.compactMap { steps[$0] }
      guard known.count == layer.bottoms.count else { return nil }
      let step: Int
      if layer.bottoms.isEmpty {
        let preparation = layer.settings.preparation
        step =
          preparation.isEmpty
          ? NetworkOutline.images
          : outline.add(.operation(preparation.joined(separator: ", ")), after: [NetworkOutline.images])
      } else {
        step = outline.add(operation(of: layer, owner), after: known)
      }
      for top in layer.tops { steps[top] = step }
    }
    return outline
  }

  private static func operation(of layer: Layer, _ owner: String) -> NetworkOutline.Operation {
    let settings = layer.settings
    switch layer.kind {
    case "BatchNorm": return .layer(layer.name, epsilon: settings.epsilon)
    case "Scale" where owner != layer.name: return .other
    case "ReLU": return settings.slope == 0 ? .relu() : .operation("leaky relu")
    case "Pooling":
      if settings.isGlobal { return .globalPooling(isMax: settings.isMax) }
      return .pooling(
        isMax: settings.isMax, size: settings.size, stride: settings.stride.isEmpty ? [1] : settings.stride)
    case "LRN": return .responseNormalization
    case "Convolution": return .convolution(layer.name, stride: settings.stride, dilation: settings.dilation)
    case "Concat": return layer.bottoms.count > 1 ? .concatenation : .other
    case "Eltwise":
      if settings.coefficients.contains(where: { $0 != 1 }) { return .join("sum with factors", isOrdered: true) }
      return settings.join == 1 ? .sum : .join(settings.join == 0 ? "product" : "maximum")
    case "Dropout", "Flatten", "Reshape", "Slice", "Softmax", "Split": return .other
    default: return layer.blobs.isEmpty ? .operation(layer.kind.lowercased()) : .layer(layer.name)
    }
  }
}
