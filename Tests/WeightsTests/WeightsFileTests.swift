import Foundation
import HDF5
import Support
import Tensors
import TestSupport
import Testing
import Weights

struct WeightsFileTests {
  @Test(arguments: [
    ("keras1.h5", "Keras legacy, Keras 1", "fc6"), ("keras2.h5", "Keras legacy, Keras 2.4.3", "top/fc6"),
    ("keras3.h5", "Keras legacy in /model_weights, Keras 3.15.1", "fc6"),
  ])
  func filesOfEveryKerasAreRead(name: String, layout: String, dense: String) throws {
    let file = try WeightsFile(opening: weightsFixture(name))
    #expect(file.layout == layout)
    #expect(file.layers == ["conv1_1", "bn1_1", dense])
    let expected = exampleParameters()
    #expect(file.tensors.count == expected.count)
    for (stored, parameter) in zip(file.tensors, expected) {
      let parts = parameter.name.split(separator: ".")
      #expect(stored.layer == (parts[1] == "fc6" ? dense : String(parts[1])))
      #expect(stored.kind == parts[2])
      #expect(stored.elementType == "float32")
      #expect(try file.values(of: stored) == parameter.tensor)
    }
  }

  @Test func ourFilesComeBackAndHaveKerassLayout() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("best.h5")
    var parameters = exampleParameters()
    parameters["head.block/a.weight"] = Tensor([1, 2, 3, 4], shape: [2, 2])
    parameters["head.block.weight"] = Tensor([5, 6], shape: [1, 2])
    try WeightsFile.write(parameters, to: path, notes: ["bulkhead_state": "{\"epoch\": 3}"])
    let file = try WeightsFile(opening: path)
    #expect(try file.note("bulkhead_state") == "{\"epoch\": 3}")
    #expect(try file.note("other") == nil)
    #expect(file.layers == ["conv1_1", "bn1_1", "fc6", "block/a", "block"])
    #expect(try LoadingPlan(network: specification(parameters), from: file).load() == parameters)
    let raw = try HDF5File(opening: path)
    #expect(try raw.strings(ofAttribute: "layer_names") == file.layers)
    #expect(
      try raw.group("bn1_1").strings(ofAttribute: "weight_names") == [
        "bn1_1/gamma:0", "bn1_1/beta:0", "bn1_1/moving_mean:0", "bn1_1/moving_variance:0",
      ])
    #expect(try raw.dataset("fc6/fc6/kernel:0").shape == [16, 5])
    #expect(raw.exists("/block/a/block/a/kernel:0") == true)
  }

  @Test func longListsOfLayersAreSplit() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("many.h5")
    let long = String(repeating: "x", count: 300)
    let parameters = Parameters((0..<500).map { ("s.\(long)\($0).weight", Tensor([Float($0)])) })
    try WeightsFile.write(parameters, to: path)
    let raw = try HDF5File(opening: path)
    #expect(!raw.hasAttribute("layer_names") && raw.hasAttribute("layer_names0") && raw.hasAttribute("layer_names2"))
    let file = try WeightsFile(opening: path)
    #expect(try LoadingPlan(network: specification(parameters), from: file).load() == parameters)
  }

  @Test func aModelInsideAModelGivesItsOwnLayers() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("nested.h5")
    do {
      let file = try HDF5File(creating: path)
      try file.setAttribute("layer_names", to: ["vgg"])
      do {
        let group = try file.createGroup("vgg")
        let names = ["c1/kernel:0", "c1/bias:0", "c2/kernel:0", "c2/bias:0"]
        try group.setAttribute("weight_names", to: names)
        for name in names { try group.writeDataset(name, [1, 2] as [Double]) }
      }
      try file.close()
    }
    let file = try WeightsFile(opening: path)
    #expect(file.tensors.map(\.name) == ["vgg/c1.weight", "vgg/c1.bias", "vgg/c2.weight", "vgg/c2.bias"])
    #expect(file.tensors[0].elementType == "float64")
    #expect(try file.values(of: file.tensors[0]) == Tensor([1, 2]))
  }

  private func oneLayer(_ path: String, _ names: [String]) throws -> WeightsFile {
    do {
      let file = try HDF5File(creating: path)
      try file.setAttribute("layer_names", to: ["mine"])
      do {
        let group = try file.createGroup("mine")
        try group.setAttribute("weight_names", to: names)
        try group.writeDataset(names[0], [1, 2] as [Float], shape: [2, 1])
        try group.writeDataset(names[1], [3] as [Float])
      }
      try file.close()
    }
    return try WeightsFile(opening: path)
  }

  @Test func unnamedTensorsAreToldByTheirRanks() throws {
    let directory = try TemporaryDirectory()
    let file = try oneLayer(directory.path("unnamed.h5"), ["first:0", "second:0"])
    #expect(file.tensors.map(\.name) == ["mine.weight", "mine.bias"])
  }

  /// A layer that was renamed after its tensors were made, which reads as a model of one layer, is found by its own name.
  @Test func aRenamedLayerIsFound() throws {
    let directory = try TemporaryDirectory()
    let file = try oneLayer(directory.path("renamed.h5"), ["dense_7_W:0", "dense_7_b:0"])
    #expect(file.tensors.map(\.name) == ["mine/dense_7.weight", "mine/dense_7.bias"])
    let plan = try LoadingPlan(network: [("head.mine.weight", [2, 1]), ("head.mine.bias", [1])], from: file)
    #expect(try plan.load()["head.mine.bias"] == Tensor([3]))
  }

  @Test func valuesThatAreNotFiniteAreReported() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("nan.h5")
    try WeightsFile.write(Parameters([("a.fc.weight", Tensor([1, .nan, .infinity]))]), to: path)
    let file = try WeightsFile(opening: path)
    let error = fileError { _ = try file.values(of: file.tensors[0]) }
    #expect(error?.message.contains("2 of 3 values of /fc/fc/kernel:0 are NaN or infinite") == true)
  }

  @Test func badFilesGiveOneClearError() throws {
    let directory = try TemporaryDirectory()
    #expect(fileError { _ = try WeightsFile(opening: directory.path("none.h5")) }?.kind == .missing)
    let text = directory.path("text.h5")
    try Data("weights".utf8).write(to: URL(filePath: text))
    #expect(fileError { _ = try WeightsFile(opening: text) }?.message.contains("it is a plain text") == true)
    let cut = directory.path("cut.h5")
    try Data(contentsOf: URL(filePath: weightsFixture("keras3.h5"))).prefix(4000).write(to: URL(filePath: cut))
    #expect(fileError { _ = try WeightsFile(opening: cut) }?.message.contains("truncated") == true)
    let other = directory.path("other.h5")
    do {
      let file = try HDF5File(creating: other)
      try file.writeDataset("x", [1])
      try file.close()
    }
    #expect(fileError { _ = try WeightsFile(opening: other) }?.message.contains("layer_names") == true)
    let broken = directory.path("broken.h5")
    do {
      let file = try HDF5File(creating: broken)
      try file.setAttribute("layer_names", to: ["fc6"])
      try file.createGroup("fc6").setAttribute("weight_names", to: ["fc6/kernel:0"])
      try file.close()
    }
    #expect(fileError { _ = try WeightsFile(opening: broken) }?.message.contains("there is no /fc6/fc6") == true)
  }

  @Test func twoLayersOfOneNameAreRefused() throws {
    let directory = try TemporaryDirectory()
    let parameters = Parameters([("a.fc.weight", Tensor([1])), ("b.fc.weight", Tensor([1]))])
    let error = fileError { try WeightsFile.write(parameters, to: directory.path("x.h5")) }
    #expect(error?.message.contains("a.fc and b.fc") == true)
    #expect(try directory.names() == [])
  }
}
