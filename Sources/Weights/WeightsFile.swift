internal import HDF5
internal import Kernels
internal import Networks
package import Support
package import Tensors

/// A file of weights in any known layout: what is in it is listed, values are read when asked, always in our own layout.
package final class WeightsFile: Sendable {
  /// A tensor in the file.
  package struct StoredTensor: Sendable, Equatable {
    /// Name of its layer.
    package internal(set) var layer: String
    /// The tensor's role: `weight`, `bias`, `scale`, `offset`, `mean`, `variance`, or the file's name for it.
    package internal(set) var kind: String
    /// Path or key in the file.
    package let path: String
    /// Shape in the file.
    package let storedShape: [Int]
    /// Type of its elements on disk, such as `float32`.
    package let elementType: String
    let arrangement: Arrangement
    /// Whether its values are numbers of 16 bits that HDF5 does not know.
    var isBFloat16: Bool { elementType == "bfloat16" }
    /// Whether its values are whole numbers, as weights are not unless they are quantized.
    var isWhole: Bool { ["int", "uint", "bool", "enum"].contains { elementType.hasPrefix($0) } }
    /// The factor that its values are multiplied by.
    var factor: Float = 1

    /// Shape in our layout: convolution `[height, width, in, out]`, linear `[in, out]`.
    package var shape: [Int] { arrangement.shape(of: storedShape) }

    /// Layer and kind, such as `fc6.weight`.
    package var name: String { "\(layer).\(kind)" }
  }

  /// Path of the file.
  package let path: String
  /// The file's layout.
  package let format: WeightsFormat
  /// The layout found, in words, such as `Keras legacy in /model_weights, Keras 2.4.3`.
  package let layout: String
  /// The order of a flattened map's rows in the file.
  package let flattenOrder: FlattenOrder
  /// All tensors in the file's order of layers; in natural order of their names where the file has none.
  package let tensors: [StoredTensor]
  /// Names of the layers that have tensors, in that order.
  package let layers: [String]
  /// Whether the layers have their own names; otherwise they are numbered by class and match by order only.
  package let hasNames: Bool
  /// Whether layers are in the network's order; otherwise they match by name or by shape only.
  package let layerOrder: LayerOrder
  /// By layer, the map that the network in the file flattens before it, where the file says; layers that follow no
  /// flattening have none.
  package let flattenedMaps: [String: FlattenedMap]?
  /// Tensors of the file that belong to no layer.
  package let leftovers: [Leftovers]
  /// Whether the order of flattened features was given, not read.
  let isOrderForced: Bool
  /// What the network in the file does, where it has one.
  let outline: NetworkOutline?
  private let refusals: [String: Refusal]
  private let store: any TensorStore

  /// Opens a file and lists it.
  ///
  /// - Parameters:
  ///   - format: the layout; nil detects it.
  ///   - flattenOrder: the order of flattened features; nil is the layout's default.
  ///   - part: of a torch file with several state dictionaries, the keys of the one to take, joined by dots.
  /// - Throws: `FileError` where it is missing, damaged or in another layout.
  package init(
    opening path: String, as format: WeightsFormat? = nil, flattenOrder: FlattenOrder? = nil, part: String? = nil
  ) throws(FileError) {
    try FileNature.requireContent(path, expected: WeightsFormat.expectation)
    var known = format
    if known == nil { known = try WeightsFormat(of: path) }
    guard let format = known else { throw try Self.unknown(HDF5Store(opening: path)) }
    guard part == nil || format == .pt else {
      throw FileError(
        what: "a part \(part ?? "") is named, and its layout \(format.rawValue) has no parts", path: path,
        action: "leave it out")
    }
    let listing: WeightsListing
    var leftovers: [Leftovers] = []
    switch format {
    case .safetensors: (listing, store) = Self.widened(try SafeTensors.open(path, forced: flattenOrder))
    case .caffemodel: (listing, store) = Self.widened(try CaffeBinary.open(path, forced: flattenOrder))
    case .onnx: (listing, store) = Self.widened(try ONNXLayout.open(path, forced: flattenOrder))
    case .kerasArchive:
      let archive = try KerasArchive(opening: path)
      guard let found = try archive.listing(forced: flattenOrder) else {
        throw FileError(what: "its model.weights.h5 has no tensors", path: path, action: "save the model again")
      }
      (listing, store) = (found, archive)
    case .pt: (listing, store) = Self.widened(try TorchFile.open(path, part: part, forced: flattenOrder))
    case .numpy, .numpyTorch, .numpyKeras:
      (listing, store) = Self.widened(try NumPyWeights.open(path, as: format, forced: flattenOrder))
    case .keras, .keras3, .caffe, .torch:
      let opened = try HDF5Store(opening: path)
      let found = try withFileErrors { () throws(HDF5Error) in
        switch format {
        case .keras3: try Keras3Layout.listing(of: opened.file, forced: flattenOrder)
        case .caffe: try CaffeLayout.listing(of: opened.file, forced: flattenOrder)
        case .torch: try TorchLayout.listing(of: opened.file, forced: flattenOrder)
        default: try KerasLayout.listing(of: opened.file, forced: flattenOrder)
        }
      }
      guard let found else {
        if CaffeLayout.isSolverState(opened.file) { throw try Self.unknown(opened) }
        throw FileError(
          what: "it holds no weights in the layout \(format.rawValue)", path: path,
          action: "omit the layout to have it detected, or inspect the file")
      }
      (listing, store) = (found, opened)
      leftovers += try opened.leftovers(besides: found)
    }
    self.path = path
    self.format = format
    (layout, tensors, hasNames) = (listing.layout, Self.distinct(listing.tensors), listing.hasNames)
    (layerOrder, self.flattenOrder, isOrderForced) = (listing.layerOrder, listing.order, flattenOrder != nil)
    (outline, refusals) = (listing.outline, listing.refusals)
    (flattenedMaps, self.leftovers) = (
      Self.maps(listing.flattenedMaps, of: listing.tensors), listing.leftovers + leftovers
    )
    layers = Self.layers(of: tensors)
  }

  /// The same file with the tensors of some layers as those of others.
  private init(_ file: WeightsFile, tensors: [StoredTensor]) {
    (path, format, layout, flattenOrder) = (file.path, file.format, file.layout, file.flattenOrder)
    (hasNames, layerOrder, isOrderForced) = (file.hasNames, file.layerOrder, file.isOrderForced)
    (flattenedMaps, leftovers, outline) = (file.flattenedMaps, file.leftovers, file.outline)
    (refusals, store, self.tensors) = (file.refusals, file.store, tensors)
    layers = Self.layers(of: tensors)
  }

  /// The file with layers joined as a network joins them.
  ///
  /// Of a Caffe file in HDF5, whose layers have names alone; a binary one has the network itself.
  /// - Parameter partners: the BatchNorm of each Scale.
  package func joining(_ partners: [String: String]) -> WeightsFile {
    guard format == .caffe, tensors.contains(where: { partners[$0.layer] != nil }) else { return self }
    let joined = tensors.map { tensor in
      var tensor = tensor
      if [TensorRole.scale.rawValue, TensorRole.offset.rawValue].contains(tensor.kind) {
        tensor.layer = partners[tensor.layer] ?? tensor.layer
      }
      return tensor
    }
    return WeightsFile(self, tensors: joined)
  }

  private static func layers(of tensors: [StoredTensor]) -> [String] {
    var seen: Set<String> = []
    return tensors.map(\.layer).filter { seen.insert($0).inserted }
  }

  /// Whether the network in the file is known to be no chain of layers.
  var hasBranches: Bool { outline?.isChain == false }

  /// The tensors; those of one layer and kind get numbers, so that none hides another.
  private static func distinct(_ tensors: [StoredTensor]) -> [StoredTensor] {
    let counts = Dictionary(tensors.map { ($0.name, 1) }, uniquingKeysWith: +)
    var seen: [String: Int] = [:]
    return tensors.map { tensor in
      guard counts[tensor.name] ?? 1 > 1 else { return tensor }
      seen[tensor.name, default: 0] += 1
      var other = tensor
      other.kind += "#\(seen[tensor.name] ?? 1)"
      return other
    }
  }

  /// The maps of the linear layers; nil where one of them is not known, or has another number of rows.
  private static func maps(
    _ known: [String: FlattenedMap?], of tensors: [StoredTensor]
  ) -> [String: FlattenedMap]? {
    var maps: [String: FlattenedMap] = [:]
    var isEmpty = true
    for tensor in tensors where tensor.kind == TensorRole.weight.rawValue && tensor.shape.count == 2 {
      guard let map = known[tensor.layer], map.map({ $0.count == tensor.shape[0] }) ?? true else { return nil }
      isEmpty = false
      if let map { maps[tensor.layer] = map }
    }
    return isEmpty ? nil : maps
  }

  /// Reads the values of a tensor in our layout, block by block where they must be rearranged.
  ///
  /// - Parameter map: the flattened map that a linear layer's rows come from, where the layer follows a flattening; it
  ///   puts rows in (c, y, x) order into ours.
  /// - Throws: `FileError` where they cannot be read or are not all finite, or where the network in the file does to the
  ///   layer what no layer here does.
  package func values(of stored: StoredTensor, flattened map: FlattenedMap? = nil) throws(FileError) -> Tensor {
    if let refusal = refusals[stored.layer] {
      throw FileError(what: refusal.what, path: path, expected: refusal.expected, action: refusal.action)
    }
    try requireReal(stored)
    var (tensor, isFinite) = try arrangedValues(
      of: stored, map: flattenOrder == .chw && stored.kind == "weight" ? map : nil)
    if stored.factor != 1 {
      tensor.scale(by: stored.factor)
      isFinite = isFinite && Elementwise.isFinite(tensor)
    }
    guard isFinite else {
      let count = tensor.withSpan { values in values.indices.count { !values[$0].isFinite } }
      throw FileError(
        what: "\(count) of \(tensor.count) values of \(stored.path) are NaN or infinite", path: path,
        expected: "finite weights", action: "take an earlier file of that training")
    }
    return tensor
  }

  /// Throws for whole numbers in place of weights, which mean nothing without the scale that some program keeps elsewhere.
  private func requireReal(_ stored: StoredTensor) throws(FileError) {
    guard stored.isWhole, TensorRole(rawValue: stored.kind) != nil else { return }
    let others = tensors.filter { $0.layer == stored.layer && TensorRole(rawValue: $0.kind) == nil }.map(\.kind)
    throw FileError(
      what: "\(stored.path) holds whole numbers (\(stored.elementType)), as quantized weights do"
        + (others.isEmpty ? "" : ", beside \(others.joined(separator: ", "))"),
      path: path, expected: "float32, float64, float16 or bfloat16",
      action: "dequantize it with the program that wrote it, and save it as floats")
  }

  /// Throws where a tensor asks for more memory than the machine has.
  private func requireMemory(for stored: StoredTensor) throws(FileError) {
    guard let count = ByteStore.Entry.count(of: stored.shape), count <= Memory.size / 4 else {
      throw FileError(
        what: "\(stored.path) of shape \(stored.shape) does not fit into \(Memory.size) bytes of memory", path: path,
        action: "it is damaged or malicious")
    }
  }

  private func arrangedValues(
    of stored: StoredTensor, map: FlattenedMap?
  ) throws(FileError) -> (values: Tensor, isFinite: Bool) {
    let arrangement = stored.arrangement
    if stored.shape.contains(0) { return (Tensor(zeros: stored.shape), true) }
    try requireMemory(for: stored)
    let targets = arrangement.targets(for: stored.shape, map: map)
    if !arrangement.hasOutputsFirst && targets == nil { return try store.whole(stored) }
    var tensor = Tensor(zeros: stored.shape)
    guard let extent = stored.storedShape.first else { return (tensor, true) }
    let rowLength = tensor.count / extent
    // 4 MiB at a time.
    let rows = max(1, (1 << 20) / rowLength)
    for start in stride(from: 0, to: extent, by: rows) {
      let block = try store.rows(start..<min(start + rows, extent), of: stored)
      tensor.place(
        block, from: start * rowLength, hasOutputsFirst: arrangement.hasOutputsFirst, targets: targets)
    }
    return (tensor, Elementwise.isFinite(tensor))
  }

  /// A text attribute of the file's root, such as `bulkhead_state`; `nil` where there is none.
  ///
  /// - Throws: `FileError` where it is not one string.
  package func note(_ name: String) throws(FileError) -> String? { try store.note(name) }

  /// Why an HDF5 file does not hold weights.
  private static func unknown(_ store: HDF5Store) throws(FileError) -> FileError {
    let path = store.file.filePath
    if CaffeLayout.isSolverState(store.file) {
      let net = try withFileErrors { () throws(HDF5Error) in try CaffeLayout.learnedNet(of: store.file) }
      return FileError(
        what: "it is the state of a Caffe solver, which holds no weights", path: path,
        expected: "the .caffemodel.h5 beside it", action: net.map { "its weights are in \($0)" } ?? "")
    }
    return FileError(
      what: "it holds no weights in a known layout", path: path,
      expected:
        "Keras (layer_names at the root or in /model_weights), Keras 3 (/layers/…/vars), Caffe (/data/<layer>/0) "
        + "or a torch state dictionary (name.weight)",
      action: "inspect it with bulkhead inspect")
  }

  private static func widened(
    _ opened: (WeightsListing, some TensorStore)
  ) -> (WeightsListing, any TensorStore) { (opened.0, opened.1) }
}
