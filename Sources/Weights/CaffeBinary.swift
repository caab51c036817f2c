internal import Networks
internal import Support

/// A `.caffemodel`: Caffe's NetParameter as a protocol-buffer message, of its layers and their blobs
/// (https://github.com/BVLC/caffe/blob/master/src/caffe/proto/caffe.proto).
enum CaffeBinary {
  /// A layer with blobs.
  struct Layer {
    var name = ""
    var kind = ""
    var bottoms: [String] = []
    var tops: [String] = []
    var blobs: [CaffeBlob] = []
    /// Whether an InnerProduct's weight is `[in, out]`.
    var isTransposed = false
    /// What is known of it besides its blobs.
    var settings = Settings()
  }

  /// Whether the fields of a file are those of a network.
  static func isLikely(_ path: String) -> Bool {
    do throws(FileError) {
      var reader = ProtobufReader(try RawFile(reading: path), kind: "Caffe")
      let fields = try reader.fields(in: 0..<reader.size)
      return fields.allSatisfy { (1...8).contains($0.number) || $0.number == 100 }
        && fields.contains { $0.number == 100 || $0.number == 2 }
    } catch { return false }
  }

  static func open(_ path: String, forced: FlattenOrder?) throws(FileError) -> (WeightsListing, ByteStore) {
    var reader = ProtobufReader(try RawFile(reading: path), kind: "Caffe")
    var layers: [Layer] = []
    var inputs: [String] = []
    for case (let number, .bytes(let range)) in try reader.fields(in: 0..<reader.size) {
      if number == 3 { inputs.append(try reader.text(range)) }
      if number == 100 { layers.append(try layer(range, &reader)) }
      if number == 2 { layers.append(try oldLayer(range, &reader)) }
    }
    guard layers.contains(where: { !$0.blobs.isEmpty }) else {
      throw FileError(
        what: "a Caffe network of \(layers.count) layers without weights", path: path,
        expected: "a .caffemodel that training wrote")
    }
    var tensors: [WeightsFile.StoredTensor] = []
    var entries: [ByteStore.Entry] = []
    var owners: [String: Int] = [:]
    for (index, layer) in layers.enumerated() {
      let name = Self.owner(of: layer, owners, layers)
      for (kind, blob, arrangement, factor) in try self.tensors(of: layer, &reader) {
        var entry = blob.entry
        entry.name = "\(layer.name)/\(entry.name)"
        var stored = WeightsFile.StoredTensor(
          layer: name, kind: kind, path: entry.name, storedShape: entry.shape, elementType: entry.type,
          arrangement: arrangement)
        stored.factor = factor
        tensors.append(stored)
        entries.append(entry)
      }
      for top in layer.tops { owners[top] = index }
    }
    var listing = WeightsListing(
      layout: "Caffe .caffemodel", order: forced ?? .chw, tensors: tensors, layerOrder: .whole)
    listing.outline = Self.outline(of: layers, inputs: inputs)
    let gradients = layers.flatMap { layer in layer.blobs.filter(\.hasGradient).map { "\(layer.name)/\($0.entry.name)" }
    }
    listing.leftovers = [Leftovers("gradients", gradients)].compactMap(\.self)
    return (listing, ByteStore(reader.finish(), entries))
  }

  /// A Scale belongs to the BatchNorm whose output it gets.
  static func owner(of layer: Layer, _ producers: [String: Int], _ layers: [Layer]) -> String {
    guard layer.kind == "Scale", let index = layer.bottoms.first.flatMap({ producers[$0] }),
      layers[index].kind == "BatchNorm"
    else { return layer.name }
    return layers[index].name
  }

  private static func tensors(
    of layer: Layer, _ reader: inout ProtobufReader
  ) throws(FileError) -> [(kind: String, blob: CaffeBlob, arrangement: Arrangement, factor: Float)] {
    func refusal(_ what: String) -> FileError {
      FileError(
        what: "the \(layer.kind) \(layer.name) has \(what)", path: reader.path,
        action: "it may be damaged, or from a fork")
    }
    var blobs = layer.blobs
    func flatten(_ index: Int) {
      let count = ByteStore.Entry.count(of: blobs[index].entry.shape) ?? 0
      blobs[index].entry.shape = [count]
    }
    switch layer.kind {
    case "Convolution":
      guard blobs.count <= 2, blobs.first.map({ $0.entry.shape.count == 4 }) ?? true else {
        throw refusal("blobs of shapes \(blobs.map(\.entry.shape))")
      }
      if blobs.count == 2 { flatten(1) }
      return zip(["weight", "bias"], blobs).map { kind, blob in
        (kind, blob, kind == "weight" ? .kernel(isMirrored: false) : .same, 1)
      }
    case "InnerProduct":
      guard blobs.count <= 2, blobs.first.map({ $0.entry.shape.dropLast(2).allSatisfy { $0 == 1 } }) ?? true,
        blobs.first.map({ $0.entry.shape.count >= 2 }) ?? true
      else { throw refusal("blobs of shapes \(blobs.map(\.entry.shape))") }
      if !blobs.isEmpty { blobs[0].entry.shape = blobs[0].entry.shape.suffix(2) }
      if blobs.count == 2 { flatten(1) }
      return zip(["weight", "bias"], blobs).map { kind, blob in
        (kind, blob, kind == "weight" && !layer.isTransposed ? .transposed : .same, 1)
      }
    case "BatchNorm":
      guard blobs.count == 3, ByteStore.Entry.count(of: blobs[2].entry.shape) == 1 else {
        throw refusal("blobs of shapes \(blobs.map(\.entry.shape))")
      }
      // Both are sums, to be divided by the third.
      let divisor = try blobs[2].first(&reader)
      flatten(0)
      flatten(1)
      let factor = divisor == 0 ? 0 : 1 / divisor
      return [("mean", blobs[0], .same, factor), ("variance", blobs[1], .same, factor)]
    case "Scale":
      for index in blobs.indices { flatten(index) }
      return zip(["scale", "offset"], blobs).map { ($0, $1, .same, 1) }
    default: return blobs.enumerated().map { ("\($0)", $1, .same, 1) }
    }
  }

  private static func layer(_ range: Range<Int>, _ reader: inout ProtobufReader) throws(FileError) -> Layer {
    var layer = Layer()
    for case (let number, .bytes(let range)) in try reader.fields(in: range) {
      switch number {
      case 1: layer.name = try reader.text(range)
      case 2: layer.kind = try reader.text(range)
      case 3: layer.bottoms.append(try reader.text(range))
      case 4: layer.tops.append(try reader.text(range))
      case 7: layer.blobs.append(try CaffeBlob(range, "\(layer.blobs.count)", &reader))
      case 117: layer.isTransposed = try isTransposed(range, &reader)
      default: break
      }
      try layer.settings.read(number, range, &reader)
    }
    return layer
  }

  /// A layer as Caffe wrote it until 2014.
  private static func oldLayer(_ range: Range<Int>, _ reader: inout ProtobufReader) throws(FileError) -> Layer {
    var layer = Layer()
    for (number, value) in try reader.fields(in: range) {
      switch (number, value) {
      case (1, .bytes):
        throw FileError(
          what: "a Caffe network of the first version, whose layers lie in layers", path: reader.path,
          action: "upgrade it with Caffe's upgrade_net_proto_binary")
      case (2, .bytes(let range)): layer.bottoms.append(try reader.text(range))
      case (3, .bytes(let range)): layer.tops.append(try reader.text(range))
      case (4, .bytes(let range)): layer.name = try reader.text(range)
      case (5, .number(let kind)): layer.kind = [4: "Convolution", 14: "InnerProduct"][kind] ?? "type \(kind)"
      case (6, .bytes(let range)): layer.blobs.append(try CaffeBlob(range, "\(layer.blobs.count)", &reader))
      case (17, .bytes(let range)): layer.isTransposed = try isTransposed(range, &reader)
      default: break
      }
    }
    return layer
  }

  /// Of an InnerProductParameter, whether `transpose` is set.
  private static func isTransposed(_ range: Range<Int>, _ reader: inout ProtobufReader) throws(FileError) -> Bool {
    try reader.fields(in: range).contains { $0.number == 6 && $0.value == .number(1) }
  }
}

/// A BlobProto: where a blob's values lie.
struct CaffeBlob {
  var entry: ByteStore.Entry
  let hasGradient: Bool

  /// Reads a message. Shapes are a BlobShape or four numbers; values are floats, doubles or, from NVIDIA's fork, raw bytes.
  ///
  /// - Throws: `FileError` where values are missing or more than its shape has.
  init(_ range: Range<Int>, _ name: String, _ reader: inout ProtobufReader) throws(FileError) {
    var (shape, legacy): ([Int]?, [Int]) = (nil, [0, 0, 0, 0])
    var places: [(element: ByteStore.Entry.Element, place: Range<Int>)] = []
    var single: [Float] = []
    var raw: Range<Int>?
    var rawType: UInt64 = 1
    var hasGradient = false
    for (number, value) in try reader.fields(in: range) {
      switch (number, value) {
      case (1...4, .number(let extent)): legacy[number - 1] = Int(truncatingIfNeeded: extent)
      case (5, .bytes(let place)): places.append((.float32, place))
      case (5, .fixed(let bits)): single.append(Float(bitPattern: bits))
      case (8, .bytes(let place)): places.append((.float64, place))
      case (7, .bytes(let message)): shape = try Self.shape(message, &reader)
      case (10, .number(let type)): rawType = type
      case (12, .bytes(let place)): raw = place
      case (6, _), (9, _), (13, _): hasGradient = true
      default: break
      }
    }
    if let raw {
      guard let element = [0: ByteStore.Entry.Element.float64, 1: .float32, 2: .float16][rawType] else {
        throw FileError(what: "a blob of raw type \(rawType)", path: reader.path, expected: "double, float or half")
      }
      places.append((element, raw))
    }
    let extents = shape ?? legacy
    let count = ByteStore.Entry.count(of: extents)
    let bytes =
      places.first.map { place in count.map { $0.multipliedReportingOverflow(by: place.element.size) } } ?? nil
    let isWhole =
      places.isEmpty
      ? count == single.count
      : places.count == 1 && bytes?.overflow == false && bytes?.partialValue == places[0].place.count
    guard let count, isWhole, single.isEmpty || places.isEmpty else {
      throw FileError(
        what: "a blob of shape \(extents) has \(places.reduce(4 * single.count) { $0 + $1.place.count }) bytes",
        path: reader.path, expected: "one value for each element", action: "it is truncated or damaged")
    }
    let element = places.first?.element ?? .float32
    entry = ByteStore.Entry(
      name: name, shape: extents, element: element, type: element.rawValue,
      offset: places.first?.place.lowerBound ?? 0, values: places.isEmpty && count > 0 ? single : nil)
    self.hasGradient = hasGradient
  }

  private static func shape(_ range: Range<Int>, _ reader: inout ProtobufReader) throws(FileError) -> [Int] {
    var extents: [Int] = []
    for (number, value) in try reader.fields(in: range) where number == 1 {
      switch value {
      case .number(let extent): extents.append(Int(truncatingIfNeeded: extent))
      case .bytes(let packed): extents += try reader.numbers(packed).map { Int(truncatingIfNeeded: $0) }
      case .fixed: break
      }
    }
    return extents
  }

  /// The first value.
  func first(_ reader: inout ProtobufReader) throws(FileError) -> Float {
    if let value = entry.values?.first { return value }
    return try reader.value(of: entry.element ?? .float32, at: entry.offset)
  }
}
