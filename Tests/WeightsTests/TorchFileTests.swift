import Foundation
import Support
import Tensors
import TestSupport
import Testing
import Weights

/// A file of torch.save with the weights of `weights/torch.safetensors`, and what is said of it.
struct TorchFixture: CustomTestStringConvertible, Sendable {
  let name: String
  var layout = "torch file"
  var part: String?
  /// Tensors that the twin does not have.
  var others: Set<String> = []
  var testDescription: String { name }

  static let all: [TorchFixture] = [
    .init(name: "zip"), .init(name: "protocol4"), .init(name: "half"), .init(name: "bfloat16"), .init(name: "double"),
    .init(name: "views"), .init(name: "parameters"), .init(name: "deflated"), .init(name: "big-endian"),
    .init(name: "unchecked", layout: "torch file without checksums"),
    .init(name: "tied", others: ["tied.weight"]),
    .init(name: "integers", others: ["positions.ids", "positions.mask", "positions.small"]),
    .init(name: "legacy", layout: "torch file of before torch 1.6"),
    .init(name: "half-legacy", layout: "torch file of before torch 1.6"),
    .init(name: "bfloat16-legacy", layout: "torch file of before torch 1.6"),
    .init(name: "double-legacy", layout: "torch file of before torch 1.6"),
    .init(name: "views-legacy", layout: "torch file of before torch 1.6"),
    .init(name: "prefix-module", layout: "torch file, prefix module. removed from 13 names"),
    .init(name: "prefix-_orig_mod", layout: "torch file, prefix _orig_mod. removed from 13 names"),
    .init(name: "prefix-module-_orig_mod", layout: "torch file, prefix module._orig_mod. removed from 13 names"),
    .init(name: "checkpoint", layout: "torch file, state dictionary state_dict"),
    .init(name: "checkpoint-legacy", layout: "torch file of before torch 1.6, state dictionary state_dict"),
    .init(name: "lightning", layout: "torch file, state dictionary state_dict"),
    .init(name: "nested", layout: "torch file, state dictionary run.net"),
    .init(name: "ema", layout: "torch file, state dictionary model", part: "model"),
  ]

  var path: String { weightsFixture("pickles/\(name).pt") }
}

@Suite struct TorchFileTests {
  private static func twin() throws -> WeightsFile {
    try WeightsFile(opening: weightsFixture("weights/torch.safetensors"))
  }

  @Test(arguments: TorchFixture.all)
  func everyFileHoldsItsTwinsWeights(_ fixture: TorchFixture) throws {
    let file = try WeightsFile(opening: fixture.path, part: fixture.part)
    #expect(file.format == .pt && file.layout == fixture.layout && file.flattenOrder == .chw)
    let twin = try Self.twin()
    #expect(file.tensors.map(\.name).filter { !fixture.others.contains($0) } == twin.tensors.map(\.name))
    for tensor in twin.tensors {
      let own = try #require(file.tensors.first { $0.name == tensor.name })
      #expect(own.shape == tensor.shape)
      #expect(try file.values(of: own) == twin.values(of: tensor), "\(tensor.name)")
    }
  }

  @Test(arguments: ["zip", "views-legacy", "deflated", "big-endian", "half"])
  func predictionsAreTorchs(_ name: String) throws {
    let file = try WeightsFile(opening: weightsFixture("pickles/\(name).pt"))
    let renaming = [
      "conv1_1": "features.0", "conv1_2": "features.10", "norm1_2": "features.11", "fc6": "classifier.0",
      "classifier": "classifier.3",
    ]
    let plan = try GoldenNetwork.plan(file, renaming: renaming)
    let outputs = try GoldenNetwork.outputs(plan.load())
    #expect(outputs.distance(to: try GoldenNetwork.fixture.tensor("torch")) < 1e-4)
    // The negative control: rows in the other order.
    let wrong = try WeightsFile(opening: file.path, flattenOrder: .hwc)
    let others = try GoldenNetwork.outputs(GoldenNetwork.plan(wrong, renaming: renaming).load())
    #expect(others.distance(to: try GoldenNetwork.fixture.tensor("torch")) > 0.1)
  }

  @Test func wholeNumbersAreReadWhereTheyFit() throws {
    let file = try WeightsFile(opening: weightsFixture("pickles/integers.pt"))
    func values(_ name: String) throws -> [Float] {
      try file.values(of: #require(file.tensors.first { $0.name == name })).values
    }
    #expect(try values("positions.ids") == [0, 1, 2, 3, 4, 5, 6])
    #expect(try values("positions.mask") == [1, 0])
    #expect(try values("positions.small") == [-3, 4])
  }

  @Test func ofSeveralDictionariesOneIsChosen() throws {
    let path = weightsFixture("pickles/ema.pt")
    let error = try failureMessage { _ = try WeightsFile(opening: path) }
    #expect(
      error.contains("it holds 2 dictionaries of tensors; expected one of model (13 tensors), ema (13 tensors)"),
      "\(error)")
    let average = try WeightsFile(opening: path, part: "ema")
    let twin = try Self.twin()
    let (own, other) = (try average.values(of: average.tensors[0]), try twin.values(of: twin.tensors[0]))
    #expect(own.values == other.values.map { $0 * 2 })
    #expect(
      try failureMessage { _ = try WeightsFile(opening: path, part: "emma") }.contains("no dictionary of tensors emma"))
    // The others have no parts.
    #expect(try failureMessage { _ = try WeightsFile(opening: twin.path, part: "model") }.contains("has no parts"))
  }

  @Test(arguments: [
    ("module", "a whole module of the class __main__.Net"),
    ("module-legacy", "a whole module of the class __main__.Net"),
    ("script", "a TorchScript archive"), ("sparse", "a sparse tensor (torch._utils._rebuild_sparse_tensor)"),
    ("quantized", "a quantized tensor (torch._utils._rebuild_qtensor)"), ("complex", "complex numbers"),
    ("subclass", "a subclass of tensor (torch._tensor._rebuild_from_type_v2)"), ("expanded", "elements overlap"),
    ("truncated", "truncated"), ("legacy-truncated", "ends within storage"),
  ])
  func othersAreRefusedByName(name: String, expected: String) throws {
    let message = try failureMessage { _ = try WeightsFile(opening: weightsFixture("pickles/\(name).pt")) }
    #expect(message.contains(expected), "\(message)")
    #expect(!message.contains("\n"))
  }

  @Test func aDamagedStorageIsFoundByItsChecksum() throws {
    let directory = try TemporaryDirectory()
    var bytes = Array(try Data(contentsOf: URL(filePath: weightsFixture("pickles/zip.pt"))))
    let marker = Array("zip/data/0".utf8)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: marker) })
    // Beyond the padding that aligns the values.
    bytes[(place / 64 + 2) * 64 + 8] ^= 1
    let path = directory.path("damaged.pt")
    try Data(bytes).write(to: URL(filePath: path))
    let file = try WeightsFile(opening: path)
    #expect(try failureMessage { for tensor in file.tensors { _ = try file.values(of: tensor) } }.contains("checksum"))
  }
}
