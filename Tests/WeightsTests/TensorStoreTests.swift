import Bulkhead
import Foundation
import Layers
import Networks
import Support
import Tensors
import TestSupport
import Testing
import Weights

/// Files that do not fit or are damaged: one clear error each.
struct TensorStoreTests {
  @Test func valuesThatAreNotFiniteAreFoundInEveryStore() throws {
    let directory = try TemporaryDirectory()
    let layers = [LayerWeights(name: "fc", tensors: [("weight", Tensor([1, .nan, 3, .infinity], shape: [2, 2]))])]
    for format in [WeightsFormat.safetensors, .torch, .keras3] {
      let path = directory.path(format.rawValue)
      try WeightsFile.write(layers, as: format, to: path)
      let file = try WeightsFile(opening: path)
      let error = fileError { _ = try file.values(of: file.tensors[0]) }
      #expect(error?.message.contains("2 of 4 values of") == true)
      #expect(error?.message.contains("NaN or infinite") == true)
    }
  }

  /// Every prefix of a file is refused or, past its last value, whole; none ends the process.
  @Test(arguments: ["torch.safetensors", "torch.onnx"])
  func truncatedFilesAreRefused(name: String) throws {
    let directory = try TemporaryDirectory()
    let whole = try Data(contentsOf: URL(filePath: weightsFixture("weights/" + name)))
    let path = directory.path(name)
    for length in stride(from: 0, to: whole.count, by: 7) {
      try whole.prefix(length).write(to: URL(filePath: path))
      let error = fileError {
        let file = try WeightsFile(opening: path)
        _ = try GoldenNetwork.plan(file).load()
      }
      #expect(error?.message.hasPrefix(path) == true, "\(length)")
    }
    try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
    let error = fileError { _ = try WeightsFile(opening: path) }
    #expect(error?.message.contains("truncated") == true)
  }

  @Test(arguments: [
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
      12, "overlap"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}"#,
      20, "4 bytes between a and b belong to no tensor"
    ),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12, "4 bytes before a belong to no tensor"),
    (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "8 bytes for shape [3] of F32"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, "is at [0, 8], and 4 bytes follow"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9, "expected"),
    (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, "shape [-2]"),
    (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, 8, "4611686018427387904"),
    (#"{"a":{"dtype":"F32","shape":[2]}}"#, 8, "has not dtype, shape and data_offsets"),
    (#"{"a":7}"#, 0, "has not dtype"), (#"{"a""#, 0, "not a JSON object"),
    (#"{"__metadata__":{"format":"tf"}}"#, 0, "declare the format tf"),
  ])
  func brokenHeadersAreRefused(header: String, bytes: Int, expected: String) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.safetensors")
    var data = Data((0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) })
    data += Data(header.utf8) + Data(count: bytes)
    try data.write(to: URL(filePath: path))
    let error = fileError { _ = try WeightsFile(opening: path) }
    #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
  }

  @Test func typesThatHoldNoWeightsAreNamed() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.safetensors")
    let header = #"{"fc.weight":{"dtype":"I8","shape":[2,2],"data_offsets":[0,4]}}"#
    let data = Data([UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0]) + Data(header.utf8) + Data(count: 4)
    try data.write(to: URL(filePath: path))
    let file = try WeightsFile(opening: path)
    let error = fileError { _ = try file.values(of: file.tensors[0]) }
    #expect(error?.message.contains("the type of fc.weight is I8") == true)
  }

  @Test func valuesInOtherFilesAreNeverFollowed() {
    let error = fileError { _ = try WeightsFile(opening: weightsFixture("weights/external.onnx")) }
    #expect(error?.message.contains("and other files are never opened") == true)
  }

  /// Repaired, two such names could become one.
  @Test func namesThatAreNotUTF8AreRefused() throws {
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
    func model(_ name: [UInt8]) -> [UInt8] {
      let tensor = [8, 1, 16, 1] + field(8, name) + field(9, [0, 0, 128, 63])
      return [8, 8] + field(7, field(5, tensor))
    }
    let directory = try TemporaryDirectory()
    let path = directory.path("a.onnx")
    try Data(model(Array("fc.é".utf8))).write(to: URL(filePath: path))
    #expect(fileError { _ = try WeightsFile(opening: path) }?.message.contains("damaged") != true)
    try Data(model([0x66, 0x63, 0xE9])).write(to: URL(filePath: path))
    #expect(fileError { _ = try WeightsFile(opening: path) }?.message.contains("damaged ONNX file") == true)
  }

  @Test func aFullOrMissingFolderLeavesNothing() throws {
    let directory = try TemporaryDirectory()
    let layers = [LayerWeights(name: "fc", tensors: [("weight", Tensor(zeros: [2, 2]))])]
    for format in [WeightsFormat.safetensors, .torch] {
      let error = fileError { try WeightsFile.write(layers, as: format, to: directory.path("none/a")) }
      #expect(error?.kind == .system)
    }
    let other = [LayerWeights(name: "x", tensors: [("alpha", Tensor([1]))])]
    let error = fileError { try WeightsFile.write(other, as: .keras3, to: directory.path("b")) }
    #expect(error?.message.contains("the layer x with alpha") == true)
    #expect(try directory.names() == [])
  }
}
