import HDF5
import Support
import Tensors
import TestSupport
import Testing
import Weights

struct WeightsConversionTests {
  private static let written: [WeightsFormat] = [.keras, .keras3, .caffe, .torch, .safetensors]
  private static let order = ["conv*", "norm1_2", "fc6", "*"]
  private static let map = ["fc6": GoldenNetwork.map]

  @Test(arguments: written)
  func parametersComeBackFromEveryLayout(_ format: WeightsFormat) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("weights")
    let parameters = try GoldenNetwork.parameters()
    let layers = try LayerWeights.layers(of: parameters, path: path)
    try WeightsFile.write(layers, as: format, flattened: Self.map, to: path, notes: ["origin": "a test"])
    let file = try WeightsFile(opening: path)
    #expect(file.format == format)
    #expect(try file.note("origin") == "a test")
    let plan = try GoldenNetwork.plan(file)
    #expect(plan.matching == .names)
    #expect(try plan.load() == parameters)
    #expect(try directory.names() == ["weights"])
  }

  @Test(arguments: written, written)
  func everyLayoutBecomesEveryOther(_ first: WeightsFormat, _ second: WeightsFormat) throws {
    let directory = try TemporaryDirectory()
    let (path, converted) = (directory.path("a"), directory.path("b"))
    let parameters = try GoldenNetwork.parameters()
    try WeightsFile.write(
      LayerWeights.layers(of: parameters, path: path), as: first, flattened: Self.map, to: path)
    try WeightsConversion(of: WeightsFile(opening: path), to: second, flattened: Self.map, order: Self.order)
      .write(to: converted)
    #expect(try GoldenNetwork.plan(WeightsFile(opening: converted)).load() == parameters)
    // Where both have one order of rows, no map is needed.
    guard first.flattenOrder == second.flattenOrder else { return }
    try WeightsConversion(of: WeightsFile(opening: path), to: second, order: Self.order).write(to: converted)
    #expect(try GoldenNetwork.plan(WeightsFile(opening: converted)).load() == parameters)
  }

  /// Tensors of several blocks, whose elements are their own positions.
  @Test(arguments: [WeightsFormat.caffe, .torch, .safetensors])
  func largeTensorsAreRearrangedInParts(_ format: WeightsFormat) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("large")
    func counted(_ shape: [Int]) -> Tensor { Tensor((0..<shape.reduce(1, *)).map { Float($0) }, shape: shape) }
    let map = FlattenedMap(height: 8, width: 5, channels: 100)
    let layers = [
      LayerWeights(name: "c", tensors: [("weight", counted([3, 2, 300, 701]))]),
      LayerWeights(name: "fc", tensors: [("weight", counted([4000, 601]))]),
    ]
    try WeightsFile.write(layers, as: format, flattened: ["fc": map], to: path)
    let file = try WeightsFile(opening: path)
    for (stored, layer) in zip(file.tensors, layers) {
      let values = try file.values(of: stored, flattened: stored.layer == "fc" ? map : nil)
      #expect(values == layer.tensors[0].tensor)
    }
    // As the file has it: output 600, channel 99, row 7, column 4, which is the last; and the element before.
    let raw = try WeightsFile(opening: path, flattenOrder: .hwc)
    let fc = try raw.values(of: #require(raw.tensors.last))
    #expect(fc[3999 * 601 + 600] == Float(3999 * 601 + 600))
    let before = (7 * 5 + 3) * 100 + 99
    #expect(fc[3998 * 601 + 600] == Float(before * 601 + 600))
  }

  @Test func writtenFilesMatchReferenceImplementations() throws {
    let directory = try TemporaryDirectory()
    for (name, format) in [("caffe.caffemodel.h5", WeightsFormat.caffe), ("torch.h5", .torch)] {
      let original = weightsFixture("weights/" + name)
      let path = directory.path(name)
      try WeightsConversion(
        of: WeightsFile(opening: weightsFixture("weights/keras2.h5")), to: format, flattened: Self.map
      )
      .write(to: path)
      let theirs = try HDF5File(opening: original)
      let ours = try HDF5File(opening: path)
      let places =
        format == .caffe
        ? ["data/conv1_2/0", "data/fc6/0", "data/fc6/1", "data/classifier/0", "data/norm1_2_scale/1"].map { ($0, $0) }
        : [
          ("features.10.weight", "conv1_2.weight"), ("features.11.running_var", "norm1_2.running_var"),
          ("classifier.0.weight", "fc6.weight"),
        ]
      for (place, own) in places {
        let expected = try theirs.dataset(place)
        let found = try ours.dataset(own)
        #expect(found.shape == expected.shape)
        #expect(try found.read(as: Float.self) == expected.read(as: Float.self), "\(own)")
      }
    }
  }

  @Test func layersAreRenamedAndMapsFollow() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.safetensors")
    let names = ["conv1_1": "features.0", "fc6": "classifier.0"]
    let file = try WeightsFile(opening: weightsFixture("weights/keras2.h5"))
    try WeightsConversion(of: file, to: .safetensors, flattened: Self.map, renaming: names).write(to: path)
    let written = try WeightsFile(opening: path)
    let original = try WeightsFile(opening: weightsFixture("weights/torch.safetensors"))
    for name in ["features.0.weight", "classifier.0.weight"] {
      let (ours, theirs) = (written.tensors.first { $0.name == name }, original.tensors.first { $0.name == name })
      #expect(try written.values(of: #require(ours)) == original.values(of: #require(theirs)))
    }
    let error = fileError { _ = try WeightsConversion(of: file, to: .keras, renaming: ["fc9": "x"]) }
    #expect(error?.message.contains("it has no layer fc9") == true)
  }

  @Test func theOrderOfRowsIsNeverGuessed() throws {
    let file = try WeightsFile(opening: weightsFixture("weights/keras2.h5"))
    let unsaid = fileError { _ = try WeightsConversion(of: file, to: .torch) }
    #expect(unsaid?.message.contains("rows of fc6 [48, 5], classifier [5, 3] may come from a flattened map") == true)
    // The same where the file has classifier.0 before features.0.
    let torch = try WeightsFile(opening: weightsFixture("weights/torch.safetensors"))
    #expect(torch.layers.first == "classifier.0")
    let unordered = fileError {
      _ = try WeightsConversion(of: torch, to: .keras, order: ["features.*", "classifier.*"])
    }
    #expect(unordered?.message.contains("rows of classifier.0 [48, 5]") == true)
    let said = try WeightsConversion(
      of: torch, to: .keras, flattened: ["classifier.0": GoldenNetwork.map], order: ["features.*", "classifier.*"])
    #expect(said.layers.map(\.name) == ["features.0", "features.10", "features.11", "classifier.0", "classifier.3"])
    #expect(said.layers[3].tensors[0].tensor == (try GoldenNetwork.parameters()["head.fc6.weight"]))
    let cells = fileError {
      _ = try WeightsConversion(
        of: file, to: .torch, flattened: ["fc6": FlattenedMap(height: 7, width: 7, channels: 512)])
    }
    #expect(cells?.message.contains("fc6 has 48 rows, and a map of 7x7x512 has 25088 cells") == true)
    let convolution = fileError {
      _ = try WeightsConversion(of: file, to: .torch, flattened: ["conv1_1": GoldenNetwork.map])
    }
    #expect(convolution?.message.contains("conv1_1, which is not a linear layer") == true)
    let onnx = fileError {
      try WeightsConversion(of: file, to: .onnx, flattened: [:]).write(to: "nowhere.onnx")
    }
    #expect(onnx?.message.contains("the layout onnx is read only") == true)
  }

  @Test func layersCanBeExcluded() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("convolutions.h5")
    let file = try WeightsFile(opening: weightsFixture("weights/torch.safetensors"))
    // Without linear layers no map need be known, and the order is that of what is left.
    try WeightsConversion(of: file, to: .keras, excluding: ["classifier.*"], order: ["features.*"]).write(to: path)
    let written = try WeightsFile(opening: path)
    #expect(written.layers == file.layers.filter { !$0.hasPrefix("classifier.") })
    for stored in written.tensors {
      let original = try #require(file.tensors.first { $0.name == stored.name })
      #expect(try written.values(of: stored) == file.values(of: original))
    }
    let cases = [
      (["fc9"], [:], "it has no layer fc9, which is to be excluded"), (["*"], [:], "all of its layers are excluded"),
      (["classifier.*"], ["classifier.0": "fc6"], "it has no layer classifier.0, which is to be renamed"),
    ]
    for (excluding, renaming, message) in cases {
      let error = fileError {
        _ = try WeightsConversion(of: file, to: .torch, excluding: excluding, renaming: renaming)
      }
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  /// Keras loads by order; files without one have layers in the order of their names, classifier before fc6.
  @Test func theOrderOfLayersIsNeverGuessed() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("b.h5")
    let file = try WeightsFile(opening: weightsFixture("weights/caffe.caffemodel.h5"))
    #expect(file.layers == ["classifier", "conv1_1", "conv1_2", "fc6", "norm1_2"])
    for format in [WeightsFormat.keras, .keras3] {
      let unsaid = fileError { _ = try WeightsConversion(of: file, to: format, flattened: Self.map) }
      #expect(unsaid?.message.contains("are loaded by the order of layers, which this file does not have") == true)
      let part = fileError {
        _ = try WeightsConversion(of: file, to: format, flattened: Self.map, order: ["conv*", "fc6"])
      }
      #expect(part?.message.contains("not in the order given: classifier, norm1_2") == true)
      try WeightsConversion(of: file, to: format, flattened: Self.map, order: Self.order).write(to: path)
      let written = try WeightsFile(opening: path)
      let dense = written.tensors.filter { $0.shape.count == 2 }
      #expect(dense.map(\.name) == ["fc6.weight", "classifier.weight"])
    }
    let none = fileError { _ = try WeightsConversion(of: file, to: .torch, order: ["conv*", "fc9"]) }
    #expect(none?.message.contains("no layer fits fc9 in the order") == true)
    // The others are loaded by name.
    _ = try WeightsConversion(of: file, to: .torch)
  }

  @Test(arguments: [
    ("7x7x512", FlattenedMap(height: 7, width: 7, channels: 512)),
    ("4x3x2", FlattenedMap(height: 4, width: 3, channels: 2)),
    ("7x7", nil), ("0x7x512", nil), ("7x7x512x1", nil), ("axbxc", nil), ("7x7x", nil), ("", nil),
  ])
  func mapsAreRead(text: String, map: FlattenedMap?) { #expect(FlattenedMap(text) == map) }
}
