import ArgumentParser
import Bulkhead
import Datasets
import Foundation
import Layers
import Networks
import Support
import Training
import Weights

/// Shows what is in a file.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what is in a file, or what a network costs.",
    discussion: """
      A file is a dataset, weights in any known layout, a Keras model, a checkpoint, or any other HDF5 file. A network \
      is a preset \
      (\(NetworkDescription.Preset.allCases.map(\.rawValue).joined(separator: ", "))), the network of a configuration, \
      or that of a Keras model or a Caffe .prototxt: layer by layer with output shapes, parameters and multiply–accumulates \
      (MACs), then memory and the share of fully connected layers.
      """)
  @Argument(help: "The file, or a preset's name.") var file: String
  @OptionGroup var options: NetworkOptions
  @OptionGroup var part: WeightsPart
  @OptionGroup var trust: Trust

  func run() throws {
    if let text = try options.text(of: file) {
      print(text, terminator: "")
      return
    }
    try requireFile(file, expected: "a dataset, weights or a model")
    try trust.examine([file])
    switch try FileContents(of: file, part: part.name) {
    case .dataset(let dataset): print(dataset.text, terminator: "")
    case .weights(let weights):
      print("weights, \(weights.layout), flattened features in the order \(weights.flattenOrder.rawValue)\n")
      print(weights.text, terminator: "")
      if try weights.note("model_config") != nil {
        print("\n" + (try options.text(of: NetworkDescription(keras: file))), terminator: "")
      }
    case .checkpoint(let weights, let state):
      print("checkpoint of a run, weights in \(weights.layout)\n\n\(weights.text)\nstate\n\(state)")
    case .objects(let objects):
      print("HDF5 file of another program\n")
      let rows = objects.map { [$0.path, "\($0.shape)", $0.elementType] }
      print(TextTable(header: ["dataset", "shape", "type"], rows: rows).text, terminator: "")
    }
  }
}

/// Throws unless there is such a file or folder.
func requireInput(_ path: String) throws {
  guard FileManager.default.fileExists(atPath: path) else { throw FileError.missing(path) }
}

/// Throws unless there is such a file.
///
/// - Parameter expected: what the file is to hold, such as `a dataset`.
func requireFile(_ path: String, expected: String) throws {
  try requireInput(path)
  var isDirectory: ObjCBool = false
  guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
    return
  }
  let isRun = RunDirectory(path).hasConfiguration
  throw FileError(
    what: isRun ? "it is the directory of a run" : "it is a directory", path: path, expected: "the file of \(expected)",
    action: isRun ? "name a file in it, such as \(RunDirectory(path).best) for its weights" : "name a file")
}

extension WeightsFile {
  /// Tensors by layer with shapes, and the number of parameters.
  var text: String {
    let rows = tensors.map { tensor in
      [tensor.name, "\(tensor.shape)", tensor.elementType, "\(tensor.shape.reduce(1, *))"]
    }
    let total = tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
    return TextTable(header: ["tensor", "shape", "type", "elements"], rows: rows).text
      + "\n\(layers.count) layers, \(total) numbers\n"
  }
}

extension Dataset {
  /// The dataset's header, and samples by class and split.
  var text: String {
    func text(_ range: ClosedRange<Int>?) -> String {
      guard let range else { return "none" }
      return range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)–\(range.upperBound)"
    }
    let extents = extentRange
    let counts = Split.allCases.map(sampleCounts)
    let table = TextTable(
      header: ["class"] + Split.allCases.map(\.rawValue),
      rows: classNames.enumerated().map { label, name in [name] + counts.map { "\($0[label])" } }
        + [["all"] + counts.map { "\($0.reduce(0, +))" }])
    let named = namedImageCount
    let example = named == 0 ? nil : (0..<imageCount).lazy.compactMap { fileName(of: $0) }.first
    let files =
      example.map { "\nfile names of \(named == imageCount ? "all" : "\(named)") images, such as \($0)" } ?? ""
    return """
      dataset \(name)
      source  \(source.isEmpty ? "unspecified" : source)
      license  \(license.isEmpty ? "unspecified" : license)
      \(imageCount) images of \(text(extents?.heights)) x \(text(extents?.widths)) pixels, \(channels) channel\(channels == 1 ? "" : "s"), \
      \(sampleCount) regions\(files)
      \(header.storage == .encoded ? "images are stored encoded, as in their files" : "stored as samples")

      \(table.text)
      """
  }
}
