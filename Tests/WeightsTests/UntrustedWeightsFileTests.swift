import Foundation
import HDF5
import Layers
import Networks
import Support
import Tensors
import TestSupport
import Testing
import Weights

/// Malicious files: what they declare is checked before it is used.
@Suite struct UntrustedWeightsFileTests {
  private func safetensors(_ entry: String, values: Int) -> Data {
    let header = Data(entry.utf8)
    var data = Data((0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) })
    data.append(header)
    data.append(Data(count: values))
    return data
  }

  @Test func shapesThatCannotBeMultipliedAreRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.safetensors")
    // An extent of 0 hides the others, and so does a type whose size is not known.
    for (type, shape) in [("F32", "[0, 4611686018427387904, 8]"), ("I64", "[4611686018427387904, 8]"), ("F32", "[-1]")]
    {
      let entry = #"{"w.weight": {"dtype": "\#(type)", "shape": \#(shape), "data_offsets": [0, 0]}}"#
      try safetensors(entry, values: 0).write(to: URL(filePath: path))
      #expect(try failureMessage { _ = try WeightsFile(opening: path) }.contains("damaged safetensors"), "\(shape)")
    }
    let long = safetensors("{" + String(repeating: " ", count: 17 << 20) + "}", values: 0)
    try long.write(to: URL(filePath: path))
    #expect(try failureMessage { _ = try WeightsFile(opening: path) }.contains("exceeds"))
  }

  @Test func emptyKernelsOfGreatExtentTakeNoMemory() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.caffemodel.h5")
    do {
      let file = try HDF5File(creating: path)
      try file.writeDataset("data/a/0", [Float](), shape: [0, 1, 1 << 30, 1])
      try file.writeDataset("data/b/0", [Float](), shape: [0, 1, 5, 6])
      try file.writeDataset("data/c/0", [Float](), shape: [1, 1, 0, 6])
      try file.close()
    }
    let file = try WeightsFile(opening: path, as: .caffe)
    #expect(file.tensors.map(\.shape) == [[1 << 30, 1, 1, 0], [5, 6, 1, 0], [6, 0]])
    for tensor in file.tensors { #expect(try file.values(of: tensor).count == 0) }
  }

  /// Fields of a protocol-buffer message.
  private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }

  @Test func aGraphThatFeedsItselfComesToAnEnd() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.onnx")
    func node(_ operation: String, _ inputs: [String], _ output: String) -> [UInt8] {
      field(
        1, inputs.flatMap { field(1, Array($0.utf8)) } + field(2, Array(output.utf8)) + field(4, Array(operation.utf8)))
    }
    // Initializer w of shape [1, 1], one float.
    let weight = field(5, [0x08, 1, 0x08, 1, 0x10, 1] + field(8, Array("w".utf8)) + field(9, [0, 0, 128, 63]))
    let graph = node("Relu", ["y"], "x") + node("MatMul", ["x", "w"], "y") + weight
    try Data([0x08, 8] + field(7, graph)).write(to: URL(filePath: path))
    let file = try WeightsFile(opening: path)
    #expect(file.tensors.count == 1 && file.flattenOrder == .chw)
    #expect(try file.values(of: file.tensors[0]).count == 1)
  }

  @Test func pipesAreRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    for format in [nil, WeightsFormat.safetensors, .onnx, .keras] {
      #expect(try !failureMessage { _ = try WeightsFile(opening: path, as: format) }.isEmpty)
    }
  }
}
