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

/// Files that differ from the network they are loaded into where shapes do not show it; see
/// `Fixtures/differing/make_differing.py`.
@Suite struct DifferingFilesTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let file: String
    let says: [String]
    let silent: Bool
    let rename: [String: String]
    /// The network; nil for the model of the file.
    let layers: [LayerDescription]?
    let refusal: [String]?
    let outputs: [Float]?
    var testDescription: String { file + (refusal == nil ? "" : ", refused") }
  }

  /// A Caffe network with a BatchNorm and a Scale.
  struct Scale: Decodable, Sendable, CustomTestStringConvertible {
    let file: String
    let normalization: String
    let scale: String
    var testDescription: String { "\(normalization) and \(scale)" }
  }

  private struct Fixture: Decodable {
    let images: [String: WeightsMatrix.Images]
    let cases: [Case]
    let scales: [Scale]
    let scaled: [Float]
    let unscaled: [Float]
  }

  private static let all: Fixture = {
    let url = URL(fileURLWithPath: weightsFixture("differing/differing.json"))
    do { return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url)) } catch {
      preconditionFailure("differing.json: \(error)")
    }
  }()

  private static func path(_ name: String) -> String { weightsFixture("differing/" + name) }

  private func network(_ layers: [LayerDescription]) throws -> Network {
    try NetworkDescription(layers: layers, size: Extent(height: 6, width: 4)).network(channels: 2, classes: 3)
  }

  private func outputs(_ network: Network, _ parameters: Parameters) throws -> Tensor {
    try #require(Self.all.images["maps"]).outputs(of: network, parameters)
  }

  private func plan(_ network: Network, _ file: WeightsFile, _ renaming: [String: String] = [:]) throws -> LoadingPlan {
    try LoadingPlan(
      network: network.parameters.map { ($0.name, $0.shape) }, flattened: WeightsMatrix.flattened(network), from: file,
      renaming: renaming, outline: network.outline)
  }

  @Test(arguments: DifferingFilesTests.all.cases)
  func everyFileGivesItsOutputsOrSaysWhatDiffers(_ item: Case) throws {
    func loaded() throws -> (Network, LoadingPlan, Parameters) {
      let path = Self.path(item.file)
      let network = try self.network(item.layers ?? KerasModel(opening: path).layers)
      var plan = try self.plan(network, WeightsFile(opening: path), item.rename)
      let parameters = try plan.load()
      plan.noteZeros(in: parameters)
      return (network, plan, parameters)
    }
    if let refusal = item.refusal {
      let message = try failureMessage { _ = try loaded() }
      for words in refusal { #expect(message.contains(words), "\(message)") }
      return
    }
    let (network, plan, parameters) = try loaded()
    #expect(plan.differences.isEmpty == item.silent, "\(plan)")
    for words in item.says { #expect(plan.description.contains(words), "\(plan)") }
    // Only what has something to say says it.
    for words in ["not used of layers", "every value of", "not in the network"]
    where !item.says.contains(where: { $0.hasPrefix(words) }) {
      #expect(!plan.description.contains(words), "\(plan)")
    }
    let found = try outputs(network, parameters)
    guard let expected = item.outputs else { return }
    #expect(found.distance(to: Tensor(expected, shape: found.shape)) < 1e-4, "\(plan)")
  }

  /// Caffe's HDF5 files do not say which Scale belongs to which BatchNorm; the network does.
  @Test(arguments: DifferingFilesTests.all.scales)
  func aScaleBelongsToItsBatchNormByTheNetwork(_ item: Scale) throws {
    let model = try CaffeModel(opening: Self.path(item.file + ".prototxt"))
    #expect(model.partners == [item.scale: item.normalization])
    let network = try self.network(model.layers)
    let file = try WeightsFile(opening: Self.path(item.file + ".caffemodel.h5"))
    let plan = try self.plan(network, file.joining(model.partners))
    #expect(plan.rows.allSatisfy { $0.outcome == .loaded }, "\(plan)")
    let found = try outputs(network, plan.load())
    #expect(found.distance(to: Tensor(Self.all.scaled, shape: found.shape)) < 1e-4)
    #expect(found.distance(to: Tensor(Self.all.unscaled, shape: found.shape)) > 0.1)
    // Without the network, nothing is taken for 1 and 0.
    let message = try failureMessage { _ = try self.plan(network, file) }
    #expect(message.contains("nothing tells whether \(item.scale) is it: give the network as"), "\(message)")
    let unknown = try failureMessage { _ = try WeightsConversion(of: file, to: .safetensors, flattened: [:]) }
    #expect(unknown.contains("whether the BatchNorm \(item.normalization) is scaled by \(item.scale)"), "\(unknown)")
    _ = try WeightsConversion(of: file, to: .safetensors, flattened: [:], excluding: [item.scale])
  }

  /// From one state dictionary into another, keys and values stay as they are, whatever they mean.
  @Test func keysOfAStateDictionaryAreKept() throws {
    let directory = try TemporaryDirectory()
    let file = try WeightsFile(opening: Self.path("keys.pt"))
    let keys = [
      "act.weight", "bias", "bn.running_mean", "bn.running_var", "bn.weight", "logit_scale", "ls.gamma", "ls.scale",
      "normalize.mean", "normalize.std", "weight",
    ]
    #expect(file.tensors.map(\.path).sorted() == keys)
    for format in [WeightsFormat.safetensors, .torch] {
      let path = directory.path("keys." + format.rawValue)
      try WeightsConversion(of: file, to: format, flattened: [:]).write(to: path)
      let written = try WeightsFile(opening: path, as: format)
      #expect(written.tensors.map { $0.path.drop { $0 == "/" } }.sorted() == keys.map { $0[...] })
      for tensor in file.tensors {
        let other = try #require(written.tensors.first { $0.path.hasSuffix(tensor.path) && $0.name == tensor.name })
        #expect(try written.values(of: other) == file.values(of: tensor), "\(tensor.path)")
      }
    }
    // A layer with a new name keeps the rest of its keys.
    let path = directory.path("renamed.safetensors")
    try WeightsConversion(of: file, to: .safetensors, flattened: [:], renaming: ["ls": "scale.2"]).write(to: path)
    let renamed = try WeightsFile(opening: path).tensors.map(\.path).filter { $0.hasPrefix("scale") }
    #expect(renamed == ["scale.2.scale", "scale.2.gamma"])
  }

  @Test func noTwoLayersGetOneName() throws {
    let directory = try TemporaryDirectory()
    let file = try WeightsFile(opening: Self.path("paths.safetensors"))
    for format in WeightsFormat.allCases where format.isWritten {
      let message = try failureMessage {
        _ = try WeightsConversion(of: file, to: format, flattened: [:], renaming: ["ko": "k0"], order: ["*"])
      }
      #expect(message.contains("k0 and ko would both be the layer k0 of the new file"), "\(message)")
    }
    // A swap is no collision.
    let path = directory.path("swapped.safetensors")
    try WeightsConversion(of: file, to: .safetensors, flattened: [:], renaming: ["ko": "k0", "k0": "ko"])
      .write(to: path)
    #expect(try WeightsFile(opening: path).tensors.first { $0.path == "k0.weight" }?.storedShape == [3, 4])
    let weight = [(kind: "weight", tensor: Tensor([1, 2], shape: [1, 2]))]
    for name in ["", "..", "a/../b", "a//b"] {
      for format in [WeightsFormat.keras, .keras3, .caffe] {
        let layers = [LayerWeights(name: name, tensors: weight)]
        let message = try failureMessage { try WeightsFile.write(layers, as: format, to: directory.path("none")) }
        #expect(message.contains(name.isEmpty ? "has an empty name" : "is no place in an HDF5 file"), "\(message)")
      }
    }
    let twins = [LayerWeights(name: "a", tensors: weight), LayerWeights(name: "a", tensors: weight)]
    let twice = try failureMessage { try WeightsFile.write(twins, as: .safetensors, to: directory.path("none")) }
    #expect(twice.contains("two layers would have the name a"), "\(twice)")
    #expect(try directory.names() == ["swapped.safetensors"])
  }
}
