import Foundation
import Tensors
import Testing
import Weights

@Suite struct ConvertTests {
  @Test func weightsAreConvertedAndInspected() throws {
    try withDirectory { directory in
      let parameters = Parameters([
        ("f.conv.weight", Tensor(repeating: 1, shape: [3, 3, 1, 2])),
        ("h.fc6.weight", Tensor((0..<24).map { Float($0) }, shape: [8, 3])), ("h.fc6.bias", Tensor([1, 2, 3])),
      ])
      try WeightsFile.write(parameters, to: directory + "/a.h5")
      let unsaid = try Command("convert", "a.h5", "b.safetensors", "--layout", "safetensors", in: directory)
      #expect(unsaid.status == 65)
      #expect(unsaid.errors.contains("rows of fc6 [8, 3] may come from a flattened map"), "\(unsaid.errors)")
      let convert = try Command(
        "convert", "a.h5", "b.safetensors", "--layout", "safetensors", "--flatten", "fc6=2x2x2", "--rename",
        "conv=features.0", in: directory)
      #expect(convert.status == 0, "\(convert.errors)")
      #expect(
        convert.output.contains("Keras legacy, Keras 2.15.0 (flattened features in the order hwc) to safetensors"))
      #expect(convert.output.contains("[3, 3, 1, 2] float32  features.0.weight  written"), "\(convert.output)")
      let inspect = try Command("inspect", "b.safetensors", in: directory)
      #expect(inspect.output.hasPrefix("weights, safetensors, flattened features in the order chw\n"))
      #expect(inspect.output.contains("features.0.weight  [3, 3, 1, 2]"), "\(inspect.output)")
      let file = try WeightsFile(opening: directory + "/b.safetensors")
      let fc6 = try #require(file.tensors.first { $0.name == "fc6.weight" })
      // Row 1 of the file is cell 1 of channel 0, which is row 2 of ours.
      #expect(try file.values(of: fc6)[3] == 6)
    }
  }
}
