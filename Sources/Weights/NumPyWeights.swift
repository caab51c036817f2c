internal import Serialization
internal import Support

/// Weights as plain arrays: a .npz archive, or a pickle of dictionaries and lists of NumPy arrays.
///
/// Such files have names and no layout. Which axis holds the outputs is taken from the lengths of biases and from names,
/// if all layers agree; otherwise it must be given.
enum NumPyWeights {
  static func open(
    _ path: String, as format: WeightsFormat, forced: FlattenOrder?
  ) throws(FileError) -> (WeightsListing, ArrayStore) {
    let file = try ArrayFile(opening: path)
    guard file.entries.count > 1 else {
      throw FileError(
        what: "\(file.kind) of \(file.entries.count) arrays", path: path, expected: "weights: arrays by their names",
        action: "give its array to prepare npy if it holds images")
    }
    let names = ArrayName.names(of: file.entries)
    let layers = Dictionary(grouping: zip(names, file.entries), by: { $0.0.layer })
    let arrangements = ArrayArrangements(layers.values.map { Array($0) }, format: format)
    var problems: [String: FileError] = [:]
    var tensors: [WeightsFile.StoredTensor] = []
    for (name, entry) in zip(names, file.entries) {
      let isWeight = name.kind == TensorRole.weight.rawValue
      let rank = entry.array.shape.count
      if isWeight, arrangements.isUnknown(rank: rank) {
        problems[entry.name] = FileError(
          what: "which axis of \(entry.name) \(entry.array.shape) holds the outputs cannot be told", path: path,
          expected: "a bias whose length tells, in every layer alike",
          action: "set layout to numpy-keras ([in, out], [height, width, in, out]) or numpy-torch "
            + "([out, in], [out, in, height, width])")
      }
      tensors.append(
        WeightsFile.StoredTensor(
          layer: name.layer, kind: name.kind, path: entry.name, storedShape: entry.array.shape,
          elementType: entry.array.type.rawValue, arrangement: isWeight ? arrangements.arrangement(rank: rank) : .same))
    }
    var layout = file.kind + arrangements.description
    if !file.leftOut.isEmpty {
      let more = file.leftOut.count > 5 ? " and \(file.leftOut.count - 5) more" : ""
      layout += ", left out what is no array of numbers: \(file.leftOut.prefix(5).joined(separator: ", "))\(more)"
    }
    // Numbers in a list, or in all names, are the order of the layers.
    let isList = names.allSatisfy(\.isNumbered)
    if isList, file.entries.allSatisfy({ $0.item == nil }) {
      tensors.sort { isInNaturalOrder($0.layer, $1.layer) }
      layout += ", layers in the order of their numbers"
    }
    let listing = WeightsListing(
      layout: layout, order: forced ?? arrangements.flattenOrder, tensors: tensors, hasNames: !isList,
      layerOrder: isList ? .whole : .unknown)
    return (listing, ArrayStore(file.entries.map { ($0.name, $0.array) }, problems: problems, path: path))
  }
}
