import Autodiff
import Foundation
import Kernels
import Layers
import Networks
import Tensors
import TestSupport
import Testing
import Weights

/// torchvision's state dictionaries go into the preset without a name being given by hand.
@Suite struct TorchLayoutTests {
  /// Keys and shapes of torchvision's resnet18 with 10 classes, and its logits for two images; see the fixture's maker.
  private struct Record {
    var state: [(key: String, shape: [Int])] = []
    var logits: [Float] = []

    init() throws {
      for line in try String(contentsOfFile: weightsFixture("weights/resnet18.txt"), encoding: .utf8).split(
        separator: "\n")
      {
        let parts = line.split(separator: " ")
        if parts[0] == "logits" {
          logits = parts.dropFirst().compactMap { Float($0) }
        } else {
          state.append((String(parts[0]), parts.dropFirst().compactMap { Int($0) }))
        }
      }
    }

    /// The values of a tensor, a function of its key.
    static func values(_ key: String, _ shape: [Int]) -> [Float] {
      let seed = key.utf8.enumerated().reduce(UInt64(0)) { $0 + UInt64($1.element) * UInt64($1.offset + 1) }
      func drawn(_ place: Int) -> Double {
        var h = (UInt64(place) &* 2_654_435_761 &+ seed &* 40503) & 0xFFFF_FFFF
        for _ in 0..<2 { h = ((h ^ (h >> 16)) &* 0x45D9F3B) & 0xFFFF_FFFF }
        return Double(h ^ (h >> 16)) / 0x1p32 - 0.5
      }
      let fanIn = Double(shape.dropFirst().reduce(1, *))
      let isFactor = key.hasSuffix("running_var") || key.hasSuffix("weight")
      return (0..<shape.reduce(1, *)).map { place in
        let u = drawn(place)
        switch shape.count {
        case 4: return Float(u * (24 / fanIn).squareRoot())
        case 2: return Float(u * (12 / fanIn).squareRoot())
        default: return Float(isFactor ? 1 + 0.5 * u : 0.2 * u)
        }
      }
    }

    /// Writes the state dictionary under a prefix as safetensors do.
    func write(to path: String, prefix: String) throws {
      var entries = [#""\#(prefix)bn1.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]}"#]
      var data = Data(repeating: 0, count: 8)
      for (key, shape) in state {
        let values = Record.values(key, shape)
        let end = data.count + 4 * values.count
        entries.append(
          #""\#(prefix + key)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(data.count),\#(end)]}"#)
        unsafe values.withUnsafeBytes { data.append(contentsOf: $0) }
      }
      let header = Data("{\(entries.joined(separator: ","))}".utf8)
      var file = Data()
      unsafe withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
      try (file + header + data).write(to: URL(fileURLWithPath: path))
    }
  }

  @Test(arguments: ["", "module."])
  func resnet18LoadsByItsOwnNames(prefix: String) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("resnet18.safetensors")
    let record = try Record()
    try record.write(to: path, prefix: prefix)
    let network = try NetworkDescription(preset: .resnet18).network(channels: 3, classes: 10)
    let plan = try LoadingPlan(
      network: network.parameters.map { ($0.name, $0.shape) }, flattened: [:], from: WeightsFile(opening: path))
    #expect(plan.rows.count == 102 && plan.rows.allSatisfy { $0.outcome == .loaded } && plan.matching == .names)
    let downsampling = try #require(plan.rows.first { $0.name.hasSuffix("layer2_0_downsample_1.variance") })
    #expect(downsampling.fileName == prefix + "layer2.0.downsample.1.variance")

    let pixels = Tensor(Record.values("image.input", [2, 3, 64, 64]), shape: [2, 3, 64 * 64])
    var cells = Tensor(zeros: [2 * 64 * 64, 3])
    let planes = pixels.values
    cells.withMutableSpan { span in
      for image in 0..<2 {
        for channel in 0..<3 {
          for cell in 0..<4096 {
            span[(image * 4096 + cell) * 3 + channel] = planes[(image * 3 + channel) * 4096 + cell]
          }
        }
      }
    }
    let tape = Tape(parameters: try plan.load(), mode: .evaluation)
    let images = FeatureMaps(tape.constant(cells), Extents(count: 2, height: 64, width: 64), spatialScale: 1)
    let logits = network.forward(images, regions: [], on: tape).logits.value
    #expect(logits.distance(to: Tensor(record.logits, shape: [2, 10])) < 1e-4)
  }
}
