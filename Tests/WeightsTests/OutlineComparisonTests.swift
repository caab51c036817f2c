import Autodiff
import Foundation
import Kernels
import Layers
import Networks
import Support
import Tensors
import TestSupport
import Testing
import Weights

/// Files whose networks say more than their tensors do; see `Fixtures/networks/make_networks.py`.
@Suite struct OutlineComparisonTests {
  /// A file and a network, with the network's outputs, the words of the table, or those of the file's refusal.
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let file: String
    let matching: String
    let says: [String]
    let layers: [LayerDescription]
    let refusal: [String]?
    let outputs: [Float]?
    /// Whether the table has no word on the network in the file.
    let silent: Bool

    var testDescription: String { file + (refusal == nil ? "" : ", refused") }

    /// The network of the layers.
    var network: Network {
      get throws {
        try NetworkDescription(layers: layers, size: Extent(height: 6, width: 4)).network(channels: 2, classes: 3)
      }
    }
  }

  private struct Fixture: Decodable {
    let images: [String: WeightsMatrix.Images]
    let cases: [Case]
  }

  private static let all: Fixture = {
    let url = URL(fileURLWithPath: weightsFixture("networks/networks.json"))
    do { return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url)) } catch {
      preconditionFailure("networks.json: \(error)")
    }
  }()

  private func outputs(_ network: Network, _ parameters: Parameters) throws -> Tensor {
    try #require(Self.all.images["maps"]).outputs(of: network, parameters)
  }

  /// Which axis of square arrays holds the outputs is told by no bias.
  private func opened(_ path: String) throws -> WeightsFile {
    try WeightsFile(opening: path, as: path.hasSuffix(".npz") ? .numpyTorch : nil)
  }

  private func loading(_ network: Network, _ path: String, _ reinitializing: [String] = []) throws -> LoadingPlan {
    try LoadingPlan(
      network: network.parameters.map { ($0.name, $0.shape) }, flattened: WeightsMatrix.flattened(network),
      from: opened(path), reinitializing: reinitializing, outline: network.outline)
  }

  @Test(arguments: OutlineComparisonTests.all.cases)
  func everyFileGivesItsOutputsOrSaysWhatDiffers(_ item: Case) throws {
    let network = try item.network
    let path = weightsFixture("networks/" + item.file)
    if let refusal = item.refusal {
      let message = try failureMessage { _ = try loading(network, path).load() }
      for words in refusal { #expect(message.contains(words), "\(message)") }
      return
    }
    let plan = try loading(network, path)
    #expect("\(plan.matching)" == item.matching)
    #expect(plan.differences.isEmpty == item.silent, "\(plan)")
    for words in item.says { #expect(plan.description.contains(words), "\(plan)") }
    let found = try outputs(network, plan.load())
    guard let expected = item.outputs else { return }
    #expect(found.distance(to: Tensor(expected, shape: found.shape)) < 1e-4, "\(plan)")
  }

  /// What gives outputs gives them after a conversion; what belongs to no layer is refused there too.
  @Test(arguments: OutlineComparisonTests.all.cases)
  func conversionsKeepOutputsOrAreRefused(_ item: Case) throws {
    let file = try opened(weightsFixture("networks/" + item.file))
    let map = FlattenedMap(height: 3, width: 2, channels: 3)
    let known = file.flattenedMaps == nil ? [item.file.hasSuffix(".npz") ? "2" : "fc1": map] : nil
    if let refusal = item.refusal, ["permutes", "through"].contains(where: { refusal[0].contains($0) }) {
      let message = try failureMessage { _ = try WeightsConversion(of: file, to: .safetensors, flattened: known) }
      #expect(message.contains(refusal[0]), "\(message)")
    }
    guard let expected = item.outputs else { return }
    for format in [WeightsFormat.keras, .safetensors] {
      let directory = try TemporaryDirectory()
      let path = directory.path("other")
      let renaming = item.file.hasSuffix(".npz") ? ["1": "conv1", "2": "fc1", "3": "fc2"] : [:]
      let order = file.layers.count == 3 ? ["*"] : []
      try WeightsConversion(of: file, to: format, flattened: known, renaming: renaming, order: order).write(to: path)
      let network = try item.network
      let found = try outputs(network, loading(network, path).load())
      #expect(found.distance(to: Tensor(expected, shape: found.shape)) < 1e-4)
    }
  }

  @Test func layersThatAreNotLoadedAreNotRefused() throws {
    let layers = try #require(Self.all.cases.first { $0.file == "turned.keras" }?.layers)
    let network = try NetworkDescription(layers: layers, size: Extent(height: 6, width: 4))
      .network(channels: 2, classes: 3)
    let plan = try loading(network, weightsFixture("networks/turned.keras"), ["fc1"])
    #expect(try plan.load().names == ["conv1.weight", "conv1.bias", "fc2.weight", "fc2.bias"])
  }

  @Test func objectsBesideTheWeightsAreNamedAndNotRead() throws {
    for name in ["namespace.pt", "namespace-old.pt"] {
      let file = try WeightsFile(opening: weightsFixture("networks/" + name))
      #expect(file.layout.contains("state dictionary model"))
    }
  }

  @Test func theStateOfARunComesBackFromEveryLayout() throws {
    let directory = try TemporaryDirectory()
    let source = directory.path("a.h5")
    try WeightsFile.write(
      [LayerWeights(name: "fc", tensors: [("weight", Tensor([1, 2], shape: [1, 2]))])], as: .keras, to: source,
      notes: [WeightsFile.stateNote: "{\"classNames\": [\"a\", \"b\"]}"])
    for format in WeightsFormat.allCases where format.isWritten {
      let path = directory.path("b." + format.rawValue)
      let conversion = try WeightsConversion(of: WeightsFile(opening: source), to: format, flattened: [:])
      try conversion.write(to: path)
      #expect(conversion.report.description.contains("kept: the state of the run"))
      #expect(try WeightsFile(opening: path).runState == "{\"classNames\": [\"a\", \"b\"]}")
    }
  }
}
