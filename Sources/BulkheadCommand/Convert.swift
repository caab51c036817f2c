import ArgumentParser
import Foundation
import Support
import Tensors
import Training
import Weights

extension WeightsFormat: ExpressibleByArgument {}
extension FlattenOrder: ExpressibleByArgument {}

/// How to read a file of weights.
struct WeightsInput: ParsableArguments {
  @Option(name: .customLong("from"), help: "The layout of the file (default: detected).")
  var format: WeightsFormat?
  @Option(help: "The order of flattened features in the file (default: the layout's).")
  var flattenOrder: FlattenOrder?
  @OptionGroup var part: WeightsPart
}

/// The part of a file of weights.
struct WeightsPart: ParsableArguments {
  @Option(
    name: .customLong("part"),
    help: ArgumentHelp(
      "The state dictionary to take of a torch file that has several, such as model.", valueName: "keys"))
  var name: String?
}

/// Writes the weights of a file in another layout.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the weights of a file in another layout.",
    discussion: """
      Layouts: keras (Keras's .h5), keras3 (.weights.h5), caffe (.caffemodel.h5), torch (a state dictionary in HDF5), \
      safetensors. These can be read only: onnx; keras-archive (.keras); caffemodel (Caffe's binary); pt (torch's .pt and \
      .pth); numpy (.npz, or a pickle of arrays) and, where their arrangement cannot be told, numpy-torch and \
      numpy-keras. A checkpoint's weights are read as keras.

      Keras flattens a map in the order height, width, channels; Caffe and torch channels, height, width. Where the \
      two layouts differ and the file has convolutions and linear layers, the network in the file (a Keras model, an \
      ONNX graph) tells which layer follows a flattening of which map. Without one, or to force it, --flatten says so, \
      as fc6=7x7x512 (height x width x channels), or none.
      """)
  @Argument(help: "The file of weights.") var input: String
  @Argument(help: "The file to write.") var output: String
  @OptionGroup var overwriting: OverwriteOption
  @Option(help: "The layout to write.") var layout: WeightsFormat
  @OptionGroup var reading: WeightsInput
  @OptionGroup var trust: Trust
  @Option(help: "LAYER=HEIGHTxWIDTHxCHANNELS, by the input's names, or none. May be given several times.")
  var flatten: [String] = []
  @Option(help: "A layer of the input to exclude; * stands for any characters. May be given several times.")
  var exclude: [String] = []
  @Option(help: "OLD=NEW name of a layer. May be given several times.") var rename: [String] = []

  @Option(
    help: """
      The input's layers in the network's order, separated by commas; * stands for any characters. Keras's layouts need \
      it where the input does not tell the order.
      """)
  var order: String = ""

  func validate() throws {
    if !layout.isWritten {
      throw ValidationError("\(layout.rawValue) is read only; choose one of \(WeightsFormat.written)")
    }
    _ = try flattened
    _ = try names
  }

  func run() throws {
    try requireFile(input, expected: "weights")
    try overwriting.requireNothing(at: output, inputs: [input])
    try trust.examine([input])
    let file = try WeightsFile(
      opening: input, as: reading.format, flattenOrder: reading.flattenOrder, part: reading.part.name)
    let conversion = try WeightsConversion(
      of: file, to: layout, flattened: flattened, excluding: exclude, renaming: names,
      order: order.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
    try conversion.write(to: output)
    print("\(file.layout) (flattened features in the order \(file.flattenOrder.rawValue)) to \(layout.rawValue)\n")
    print(conversion.report)
  }

  /// The maps by layer; nil where the option is not given.
  private var flattened: [String: FlattenedMap]? {
    get throws {
      if flatten.isEmpty { return nil }
      if flatten == ["none"] { return [:] }
      return try Self.pairs(flatten, of: "--flatten").mapValues { text in
        guard let map = FlattenedMap(text) else {
          throw ValidationError("--flatten: \(text) is not a map; write height x width x channels, such as 7x7x512")
        }
        return map
      }
    }
  }

  private var names: [String: String] {
    get throws { try Self.pairs(rename, of: "--rename") }
  }

  /// The texts `name=value`, split at the last sign.
  private static func pairs(_ texts: [String], of option: String) throws -> [String: String] {
    var pairs: [String: String] = [:]
    for text in texts {
      guard let sign = text.lastIndex(of: "="), sign != text.startIndex, text.index(after: sign) != text.endIndex else {
        throw ValidationError("\(option): \(text) is not of the form NAME=VALUE")
      }
      let name = String(text[..<sign])
      guard pairs.updateValue(String(text[text.index(after: sign)...]), forKey: name) == nil else {
        throw ValidationError("\(option): \(name) is given twice")
      }
    }
    return pairs
  }
}
