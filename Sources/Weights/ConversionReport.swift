internal import Networks
internal import Support
internal import Tensors

/// What a conversion did with each tensor of a file.
package struct ConversionReport: Sendable, CustomStringConvertible {
  /// The table, and the sentences around it.
  package let description: String

  init(
    _ file: WeightsFile, written layers: [LayerWeights], renaming: [String: String], taken: [String: FlattenedMap]?,
    completed: [String], keepsState: Bool
  ) {
    let shapes = Dictionary(
      layers.flatMap { layer in layer.tensors.map { ("\(layer.name).\($0.kind)", $0.tensor.shape) } }
    ) { first, _ in first }
    var excluded = 0
    let rows = file.tensors.map { tensor in
      let name = "\(renaming[tensor.layer] ?? tensor.layer).\(tensor.kind)"
      let isWritten = shapes[name] != nil && layers.contains { $0.name == renaming[tensor.layer] ?? tensor.layer }
      if !isWritten { excluded += 1 }
      return [
        tensor.name, "\(tensor.shape) \(tensor.elementType)", isWritten ? name : "-",
        isWritten ? "written" : "excluded",
      ]
    }
    var lines: [String] = []
    for (layer, map) in (taken ?? [:]).sorted(by: { isInNaturalOrder($0.key, $1.key) }) {
      lines.append("\(layer) follows the flattening of a map of \(map), by the network in the file")
    }
    if taken?.isEmpty == true { lines.append("no layer follows a flattening, by the network in the file") }
    let table = TextTable(header: ["tensor", "in the file", "in the new file", "outcome"], rows: rows, leading: 4)
    lines.append(String(table.text.dropLast()))
    if !completed.isEmpty { lines.append("written without being in the file: \(completed.joined(separator: ", "))") }
    if excluded > 0 { lines.append("excluded: \(excluded) of \(file.tensors.count) tensors of the file") }
    let prepared = file.outline?.places.filter { $0.sources == [""] && $0.parts.isEmpty }.map(\.what) ?? []
    if !prepared.isEmpty {
      lines.append("not written: what the network in the file does to images (\(prepared.joined(separator: ", ")))")
    }
    if keepsState {
      lines.append("kept: the state of the run that trained these weights, with the names of its classes")
    }
    description = (lines + file.leftovers.map(\.description)).joined(separator: "\n")
  }
}

extension LayerWeights {
  /// Adds the scale, 1, or the offset, 0, of a normalization that has only one of them; returns what was added.
  mutating func complete() -> [String] {
    // Without statistics it is another layer, such as a PReLU.
    guard layerClass == .normalization, self[.mean] != nil else { return [] }
    if self[.scale] == nil, let offset = self[.offset] {
      tensors.append((TensorRole.scale.rawValue, Tensor(repeating: 1, shape: offset.shape)))
      return ["scale = 1"]
    }
    if self[.offset] == nil, let scale = self[.scale] {
      tensors.append((TensorRole.offset.rawValue, Tensor(repeating: 0, shape: scale.shape)))
      return ["offset = 0"]
    }
    return []
  }
}
