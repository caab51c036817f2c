import HDF5
import Storage
import Tensors
import TestSupport
import Testing

struct ConversionTests {
  private static let written: [WeightsFormat] = [.keras, .keras3, .caffe, .torch, .safetensors]
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
    #expect(!plan.isByOrder)
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
    try WeightsConversion(of: WeightsFile(opening: path), to: second, flattened: Self.map).write(to: converted)
    #expect(try GoldenNetwork.plan(WeightsFile(opening: converted)).load() == parameters)
    // Where both have one order of rows, no map is needed.
    guard first.flattenOrder == second.flattenOrder else { return }
    try WeightsConversion(of: WeightsFile(opening: path), to: second).write(to: converted)
    #expect(try GoldenNetwork.plan(WeightsFile(opening: converted)).load() == parameters)
  }

  @Test func whatIsWrittenLiesAsThePeersHaveIt() throws {
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
    let error = storageError { _ = try WeightsConversion(of: file, to: .keras, renaming: ["fc9": "x"]) }
    #expect(error?.message.contains("it has no layer fc9") == true)
  }

  @Test func theOrderOfRowsIsNeverGuessed() throws {
    let file = try WeightsFile(opening: weightsFixture("weights/keras2.h5"))
    let unsaid = storageError { _ = try WeightsConversion(of: file, to: .torch) }
    #expect(unsaid?.message.contains("the rows of fc6 [48, 5] may come from a flattened map") == true)
    let cells = storageError {
      _ = try WeightsConversion(
        of: file, to: .torch, flattened: ["fc6": FlattenedMap(height: 7, width: 7, channels: 512)])
    }
    #expect(cells?.message.contains("fc6 has 48 rows, and a map of 7x7x512 has 25088 cells") == true)
    let convolution = storageError {
      _ = try WeightsConversion(of: file, to: .torch, flattened: ["conv1_1": GoldenNetwork.map])
    }
    #expect(convolution?.message.contains("conv1_1, which is no linear layer") == true)
    let onnx = storageError {
      try WeightsConversion(of: file, to: .onnx, flattened: [:]).write(to: "nowhere.onnx")
    }
    #expect(onnx?.message.contains("ONNX is read only") == true)
  }

  @Test(arguments: [
    ("7x7x512", FlattenedMap(height: 7, width: 7, channels: 512)),
    ("4x3x2", FlattenedMap(height: 4, width: 3, channels: 2)),
    ("7x7", nil), ("0x7x512", nil), ("7x7x512x1", nil), ("axbxc", nil), ("7x7x", nil), ("", nil),
  ])
  func mapsAreRead(text: String, map: FlattenedMap?) { #expect(FlattenedMap(text) == map) }
}
