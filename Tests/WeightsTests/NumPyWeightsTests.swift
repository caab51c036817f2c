import Support
import Tensors
import TestSupport
import Testing
import Weights

@Suite struct NumPyWeightsTests {
  private static let keras = "kernels [height, width, in, out] (by the lengths of biases)"
  private static let pickles = [
    "protocol0.pkl", "protocol1.pkl", "protocol2.pkl", "protocol3.pkl", "protocol4.pkl", "protocol5.pkl",
    "numpy1-protocol0.pkl", "numpy1-protocol2.pkl", "python2-protocol0.pkl", "python2-protocol2.pkl", "fortran.pkl",
    "fortran5.pkl", "permuted.pkl", "big-endian.pkl", "half.pkl", "double.pkl",
  ]
  private static let archives = ["keras.npz", "compressed.npz", "underscores.npz"]

  @Test(arguments: pickles + archives + ["objects.npy"])
  func everyFileHoldsTheNetwork(_ name: String) throws {
    let file = try WeightsFile(opening: weightsFixture("pickles/" + name))
    let kind =
      name.hasSuffix(".npz")
      ? "NumPy .npz" : name.hasSuffix(".npy") ? "NumPy .npy of objects" : "pickle of NumPy arrays"
    #expect(file.format == .numpy && file.flattenOrder == .hwc)
    #expect(file.layout == "\(kind), \(Self.keras), linear layers [in, out] (by the lengths of biases)")
    #expect(file.layers == ["conv1_1", "conv1_2", "norm1_2", "fc6", "classifier"])
    let plan = try GoldenNetwork.plan(file)
    #expect(plan.matching == .names && plan.rows.allSatisfy { $0.outcome == .loaded }, "\(plan)")
    #expect(try plan.load() == GoldenNetwork.parameters())
  }

  @Test func aListOfAllLayersIsNumbered() throws {
    let file = try WeightsFile(opening: weightsFixture("pickles/list.pkl"))
    #expect(file.layers == ["0", "1", "2", "3"] && !file.hasNames)
    #expect(file.tensors.map(\.kind) == ["weight", "bias", "weight", "bias", "weight", "bias", "weight", "bias"])
    let names = ["features.conv1_1", "features.conv1_2", "head.fc6", "head.classifier"]
    for (layer, name) in zip(file.layers, names) {
      for tensor in file.tensors where tensor.layer == layer {
        #expect(try file.values(of: tensor) == GoldenNetwork.parameters()["\(name).\(tensor.kind)"])
      }
    }
  }

  @Test func arraysWithOutputsFirstAreKnownByTheirBiases() throws {
    let path = weightsFixture("pickles/torch.npz")
    let file = try WeightsFile(opening: path)
    #expect(
      file.layout.contains("kernels [out, in, height, width] (by the lengths of biases), linear layers [out, in]"))
    #expect(file.flattenOrder == .chw)
    #expect(try GoldenNetwork.plan(file).load() == GoldenNetwork.parameters())
    let outputs = try GoldenNetwork.outputs(GoldenNetwork.plan(file).load())
    #expect(outputs.distance(to: try GoldenNetwork.fixture.tensor("torch")) < 1e-4)
    // By force the shapes are others.
    let forced = try WeightsFile(opening: path, as: .numpyKeras)
    #expect(try failureMessage { _ = try GoldenNetwork.plan(forced) }.contains("transposed"))
  }

  @Test func whatCannotBeToldIsAskedFor() throws {
    for name in ["square.npz", "contradictory.npz"] {
      let path = weightsFixture("pickles/" + name)
      let file = try WeightsFile(opening: path)
      #expect(file.layout.contains("linear layers in an order that cannot be told"))
      let weight = try #require(file.tensors.first { $0.name == "a.weight" })
      #expect(try failureMessage { _ = try file.values(of: weight) }.contains("set layout to numpy-keras"))
    }
    let path = weightsFixture("pickles/square.npz")
    let last = try WeightsFile(opening: path, as: .numpyKeras)
    #expect(try last.values(of: last.tensors[0]).values == [0, 1, 2, 3, 4, 5, 6, 7, 8])
    let first = try WeightsFile(opening: path, as: .numpyTorch)
    #expect(try first.values(of: first.tensors[0]).values == [0, 3, 6, 1, 4, 7, 2, 5, 8])
    #expect(first.layout.contains("left out what is no array of numbers: note (<U1)"))
  }
}
