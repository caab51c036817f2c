internal import Support

/// Errors of plans that cannot be loaded.
extension LoadingPlan {
  func refuseMisfits(_ matching: LayerMatching, _ layers: [LayerOutline]) throws(FileError) {
    let mismatched = rows.filter { $0.outcome == .mismatched }
    let missing = rows.filter { $0.outcome == .missing }
    if mismatched.isEmpty && missing.isEmpty { return }
    let differences = mismatched.map {
      "\($0.name) has shape \(Self.text($0.fileShape)) in the file and \(Self.text($0.networkShape)) in the network"
        + Self.transposition($0.fileShape ?? [], $0.networkShape ?? [])
    }
    let absences =
      matching.problem.map { [$0] }
      ?? missing.map { row in
        let source = matching.names[row.name.split(separator: ".").dropLast().joined(separator: ".")]
        return "\(row.name) \(Self.text(row.networkShape)) is not in the file" + (source.map(scales) ?? "")
      }
    let names = Set(missing.map(\.name))
    let homeless = layers.filter { layer in
      layer.tensors.allSatisfy { names.contains("\(layer.name).\($0.kind)") }
    }
    let unused = Set(rows.filter { $0.outcome == .unused }.map(\.name))
    let free = file.outlines.filter { layer in
      layer.tensors.allSatisfy { unused.contains("\(layer.name).\($0.kind)") }
    }
    let lines = RenamingLines(homeless, free).text
    throw FileError(
      what: "it does not fit the network: " + Self.few(differences + absences), path: file.path,
      action: folded(missing)
        + (lines.isEmpty
          ? "name the layers to reinitialize, or take another file"
          : "say which layer is which; lines for the configuration, to be checked:\n\(lines)")
        + "\n\(file.layout)\n\(self)")
  }

  /// What to do where a graph has no normalizations and the network's are all missing.
  private func folded(_ missing: [Row]) -> String {
    let kinds = Set(file.outlines.flatMap { $0.tensors.map(\.kind) })
    let isFolded =
      file.layout.hasPrefix("ONNX") && !kinds.contains("mean") && missing.contains { $0.name.hasSuffix(".mean") }
    return isFolded
      ? "the file has no batch normalization: its exporter joined them with the convolutions; export it without "
        + "optimization (torch.onnx.export with optimize=False, or training=TrainingMode.PRESERVE), or "
      : ""
  }

  /// The layers that may hold what a normalization lacks.
  private func scales(of layer: String) -> String {
    let scales = file.possibleScales(of: layer)
    return scales.isEmpty
      ? ""
      : " under that name, and nothing tells whether \(scales.joined(separator: " or ")) is it: give the network as "
        + "network: {caffe: FILE.prototxt}, or load the binary .caffemodel"
  }

  /// The first of many; the table has them all.
  private static func few(_ problems: [String]) -> String {
    let more = problems.count > 4 ? "; and \(problems.count - 3) more" : ""
    return problems.prefix(more.isEmpty ? 4 : 3).joined(separator: "; ") + more
  }

  /// A note that a tensor is transposed, where its shape shows it.
  private static func transposition(_ found: [Int], _ expected: [Int]) -> String {
    if expected.count == 2 && found == expected.reversed() {
      return " (transposed: it is stored as [out, in], which is not the layout of this file)"
    }
    if expected.count == 4 && found == [expected[3], expected[2], expected[0], expected[1]] {
      return " (transposed: the kernel is stored as [out, in, height, width], which is not the layout of this file)"
    }
    return ""
  }

  /// Rejects rows in (c, y, x) order if their map is unknown.
  func refuseUnknownMaps(_ layers: [LayerOutline]) throws(FileError) {
    let loaded = Set(rows.filter { $0.outcome == .loaded }.map(\.name))
    var hasConvolution = false
    for layer in layers {
      switch layer.layerClass {
      case .convolution: hasConvolution = true
      case .linear:
        guard hasConvolution, loaded.contains(layer.name + ".weight") else { return }
        throw FileError(
          what:
            "its layout has rows of flattened maps in (c, y, x) order, and the map before \(layer.name) is not known",
          path: file.path, expected: "its height, width and channels")
      case .normalization, .other: break
      }
    }
  }
}

/// Lines of `weights.rename` for layers without a name of the file: each with a layer of its shape, in the file's order, and
/// the others of that shape behind it.
struct RenamingLines {
  private var lines: [String] = []

  init(_ network: [LayerOutline], _ file: [LayerOutline]) {
    var taken: Set<String> = []
    for layer in network {
      let same = file.filter { $0.layerClass == layer.layerClass && $0.signature == layer.signature }
      guard layer.layerClass != .other, let next = same.first(where: { !taken.contains($0.name) }) else { continue }
      taken.insert(next.name)
      let others = same.filter { $0.name != next.name }.map(\.name)
      lines.append(
        "    \(Self.quoted(LayerMatching.lastPart(of: layer.name))): \(Self.quoted(next.name))"
          + (others.isEmpty ? "" : "  # or \(others.joined(separator: ", "))"))
    }
  }

  /// The section `weights` of a configuration; empty without lines.
  var text: String { lines.isEmpty ? "" : (["weights:", "  rename:"] + lines).joined(separator: "\n") }

  /// A text as YAML: in quotes unless it is a plain name.
  private static func quoted(_ name: String) -> String {
    let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
    let isPlain =
      name.first?.isLetter == true && name.allSatisfy { $0.isLetter || $0.isNumber || "_./-".contains($0) }
      && !words.contains(name.lowercased())
    return isPlain ? name : "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
