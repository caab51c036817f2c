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

/// What the files of `Fixtures/matrix` give, by the libraries that made them; see `make_matrix.py` there.
struct WeightsMatrix: Decodable, Sendable {
  /// A file and a network, with the network's outputs or the words of the file's refusal.
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let file: String
    let image: String
    let matching: String
    let rename: [String: String]
    let says: [String]
    let layers: [LayerDescription]?
    /// The file that the network is taken from.
    let model: String?
    let maps: [String: [Int]]?
    let refusal: [String]?
    let outputs: [Float]?

    var testDescription: String {
      file + (model.map { " into the network of \($0)" } ?? "") + (refusal == nil ? "" : ", refused")
        + (rename.isEmpty ? "" : ", renamed")
    }
  }

  struct Images: Decodable, Sendable {
    let shape: [Int]
    let values: [Float]
  }

  let images: [String: Images]
  let cases: [Case]

  static let all: WeightsMatrix = {
    let url = URL(fileURLWithPath: weightsFixture("matrix/matrix.json"))
    do { return try JSONDecoder().decode(WeightsMatrix.self, from: Data(contentsOf: url)) } catch {
      preconditionFailure("matrix.json: \(error)")
    }
  }()

  /// The network of a case.
  static func network(of item: Case) throws -> Network {
    let shape = try #require(all.images[item.image]).shape
    var layers = item.layers ?? []
    if let model = item.model {
      let path = weightsFixture("matrix/" + model)
      let imported: any ImportedModel =
        if model.hasSuffix(".prototxt") { try CaffeModel(opening: path) } else { try KerasModel(opening: path) }
      #expect(imported.size == Extent(height: shape[1], width: shape[2]) && imported.channels == shape[3])
      #expect(imported.classes == 3)
      layers = imported.layers
    }
    return try NetworkDescription(layers: layers, size: Extent(height: shape[1], width: shape[2]))
      .network(channels: shape[3], classes: 3)
  }

  /// The map that each linear layer after a flattening gets.
  static func flattened(_ network: Network) -> [String: FlattenedMap] {
    var maps: [String: FlattenedMap] = [:]
    var map: FlattenedMap?
    for layer in network.layers {
      if layer.layer.flattensMaps, case .maps(let extent?, let channels) = layer.input {
        map = FlattenedMap(height: extent.height, width: extent.width, channels: channels)
      } else if layer.layer is LinearLayer {
        maps[layer.name] = map
        map = nil
      }
    }
    return maps
  }

  static func outputs(_ network: Network, _ parameters: Parameters, of image: String) throws -> Tensor {
    try #require(all.images[image]).outputs(of: network, parameters)
  }
}

extension WeightsMatrix.Images {
  /// The logits that a network gives for them.
  func outputs(of network: Network, _ parameters: Parameters) -> Tensor {
    let (count, height, width) = (shape[0], shape[1], shape[2])
    let tape = Tape(parameters: parameters, mode: .evaluation)
    let pixels = Tensor(values, shape: [count * height * width, shape[3]])
    let maps = FeatureMaps(tape.constant(pixels), Extents(count: count, height: height, width: width))
    return network.forward(maps, regions: [], on: tape).logits.value
  }
}

/// Files of Keras, torch, ONNX and Caffe in many forms: each gives the outputs of the library that made it, or is refused.
@Suite struct WeightsMatrixTests {
  @Test(arguments: WeightsMatrix.all.cases)
  func everyFileGivesItsOutputsOrIsRefused(_ item: WeightsMatrix.Case) throws {
    let network = try WeightsMatrix.network(of: item)
    func compared() throws -> LoadingPlan {
      try LoadingPlan(
        network: network.parameters.map { ($0.name, $0.shape) }, flattened: WeightsMatrix.flattened(network),
        from: WeightsFile(opening: weightsFixture("matrix/" + item.file)), renaming: item.rename)
    }
    if let refusal = item.refusal {
      let message = try failureMessage { _ = try compared() }
      for words in refusal { #expect(message.contains(words), "\(message)") }
      return
    }
    let plan = try compared()
    #expect("\(plan.matching)" == item.matching)
    for words in item.says { #expect(plan.description.contains(words), "\(plan)") }
    let outputs = try WeightsMatrix.outputs(network, plan.load(), of: item.image)
    let expected = Tensor(try #require(item.outputs), shape: outputs.shape)
    #expect(outputs.distance(to: expected) < 1e-4, "\(plan)")
  }

  /// The file's own network tells the maps before its linear layers.
  @Test(arguments: WeightsMatrix.all.cases.filter { $0.maps != nil })
  func filesTellWhatTheyFlatten(_ item: WeightsMatrix.Case) throws {
    let file = try WeightsFile(opening: weightsFixture("matrix/" + item.file))
    let maps = item.maps?.mapValues { FlattenedMap(height: $0[0], width: $0[1], channels: $0[2]) }
    #expect(file.flattenedMaps == maps)
    // A network of another map with as many cells is refused.
    let network = try WeightsMatrix.network(of: item)
    let wrong = WeightsMatrix.flattened(network).mapValues {
      FlattenedMap(height: $0.width, width: $0.height, channels: $0.channels)
    }
    let message = try failureMessage {
      _ = try LoadingPlan(
        network: network.parameters.map { ($0.name, $0.shape) }, flattened: wrong, from: file, renaming: item.rename)
    }
    #expect(message.contains("follows the flattening of a map of 3x2x4 in the file, and fc6 of 2x3x4 in the network"))
    let forced = try WeightsFile(
      opening: file.path, flattenOrder: file.flattenOrder)
    _ = try LoadingPlan(
      network: network.parameters.map { ($0.name, $0.shape) }, flattened: wrong, from: forced, renaming: item.rename)
  }

  /// Every file that is read is written in another layout and back without a word about its maps, and keeps its outputs.
  @Test(arguments: WeightsMatrix.all.cases.filter { $0.maps != nil && $0.model == nil && $0.matching == "names" })
  func filesThatTellNeedNoMapToBeConverted(_ item: WeightsMatrix.Case) throws {
    let directory = try TemporaryDirectory()
    let file = try WeightsFile(opening: weightsFixture("matrix/" + item.file))
    let network = try WeightsMatrix.network(of: item)
    for format in [WeightsFormat.keras, .safetensors, .caffe] {
      let path = directory.path("other")
      let conversion = try WeightsConversion(of: file, to: format)
      try conversion.write(to: path)
      let isTaken = conversion.report.description.contains("follows the flattening of a map of 3x2x4, by the network")
      #expect(isTaken == (file.flattenOrder != format.flattenOrder))
      let plan = try LoadingPlan(
        network: network.parameters.map { ($0.name, $0.shape) }, flattened: WeightsMatrix.flattened(network),
        from: WeightsFile(opening: path))
      let outputs = try WeightsMatrix.outputs(network, plan.load(), of: item.image)
      #expect(outputs.distance(to: Tensor(try #require(item.outputs), shape: outputs.shape)) < 1e-4, "\(plan)")
    }
  }

  /// Names of models within models are kept where files are converted, so that none hides another.
  @Test(
    arguments: ["k-towers.h5", "k-towers.weights.h5", "k-levels.keras", "k-frozen.h5"],
    [WeightsFormat.keras, .keras3, .caffe, .safetensors])
  func fullPathsComeBack(name: String, format: WeightsFormat) throws {
    let directory = try TemporaryDirectory()
    let file = try WeightsFile(opening: weightsFixture("matrix/" + name))
    let path = directory.path("other")
    try WeightsConversion(of: file, to: format, flattened: [:], order: ["*"]).write(to: path)
    let written = try WeightsFile(opening: path)
    #expect(Set(written.tensors.map(\.name)) == Set(file.tensors.map(\.name)))
    for tensor in written.tensors {
      let original = try #require(file.tensors.first { $0.name == tensor.name })
      #expect(try written.values(of: tensor) == file.values(of: original))
    }
  }
}
