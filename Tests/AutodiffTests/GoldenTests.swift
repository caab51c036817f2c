import Autodiff
import Foundation
import Kernels
import Tensors
import TestSupport
import Testing

/// Every operation against values made by torch; see Fixtures/make_fixtures.py.
@Suite struct GoldenTests {
  let fixture = Fixture(
    Bundle.module.resourceURL!.appendingPathComponent("Fixtures/operations.h5").path)
  let tolerance = 2e-5

  /// Runs an operation and compares its output and all its gradients with the case's.
  func compare(
    _ golden: FixtureCase, parameters names: [String] = [], others: Parameters = Parameters(),
    _ operation: (Tape, FeatureMaps) throws -> Variable
  ) throws -> Parameters {
    let input = try golden.tensor("input")
    var parameters = Parameters()
    for name in names { parameters[name] = try golden.tensor(name) }
    for (name, tensor) in others { parameters[name] = tensor }
    let tape = Tape(parameters: parameters, mode: .training(seed: 1)) { names.contains($0) }
    let (extents, rows) = Self.layout(of: input.shape)
    let x = tape.input(input.reshaped(to: rows))
    let output = try operation(tape, FeatureMaps(x, extents))
    #expect(output.value.distance(to: try golden.tensor("output")) < tolerance, "\(golden): output")
    var collector = GradientCollector()
    let upstream = try golden.tensor("output_gradient").reshaped(to: output.value.shape)
    let pass = tape.backward(from: output, gradient: upstream, into: &collector)
    #expect(
      pass.gradient(of: x)!.distance(to: try golden.tensor("input_gradient")) < tolerance, "\(golden): input_gradient")
    for (index, name) in names.enumerated() {
      let expected = try golden.tensor(name + "_gradient")
      #expect(collector.gradients[index]!.materialized().distance(to: expected) < tolerance, "\(golden): \(name)")
    }
    return tape.finish()
  }

  static func layout(of shape: [Int]) -> (Extents, [Int]) {
    shape.count == 4
      ? (Extents(count: shape[0], height: shape[1], width: shape[2]), [shape[0] * shape[1] * shape[2], shape[3]])
      : (Extents(count: shape[0], height: 1, width: 1), shape)
  }

  @Test func convolution() throws {
    for golden in try fixture.cases("convolution_") {
      let shape = try golden.tensor("weight").shape
      let kernel = Convolution(
        kernelHeight: shape[0], kernelWidth: shape[1], stride: Int(try golden.number("stride")),
        padding: Int(try golden.number("padding")))
      _ = try compare(golden, parameters: ["weight", "bias"]) { tape, x in
        tape.convolution(x, weight: tape.parameter("weight"), bias: tape.parameter("bias"), kernel).variable
      }
    }
  }

  @Test func maxPooling() throws {
    for golden in try fixture.cases("maximum_pooling_") {
      let pooling = MaxPooling(
        size: Int(try golden.number("window")), stride: Int(try golden.number("stride")),
        padding: Int(try golden.number("padding")))
      _ = try compare(golden) { tape, x in tape.maxPooling(x, pooling).variable }
    }
  }

  @Test(arguments: ["training", "frozen"]) func batchNormalization(kind: String) throws {
    for golden in try fixture.cases("batch_normalisation_\(kind)_") {
      let running = Parameters([
        ("mean", try golden.tensor("running_mean")), ("variance", try golden.tensor("running_variance")),
      ])
      let epsilon = Float(try golden.number("epsilon"))
      let momentum = Float(try golden.number("momentum"))
      let after = try compare(golden, parameters: ["scale", "offset"], others: running) { tape, x in
        let parameters = BatchNormalizationParameters(
          scale: tape.parameter("scale"), offset: tape.parameter("offset"), mean: tape.parameter("mean"),
          variance: tape.parameter("variance"))
        return tape.batchNormalization(
          x, parameters, epsilon: epsilon, momentum: momentum, isFrozen: kind == "frozen"
        ).variable
      }
      let expected =
        kind == "training"
        ? (try golden.tensor("updated_running_mean"), try golden.tensor("updated_running_variance_unbiased"))
        : (running["mean"]!, running["variance"]!)
      #expect(after["mean"]!.distance(to: expected.0) < tolerance)
      #expect(after["variance"]!.distance(to: expected.1) < tolerance)
    }
  }

  @Test func reluAveragePoolingAndLinear() throws {
    _ = try compare(try fixture.cases("relu")[0]) { tape, x in tape.relu(x.variable) }
    for golden in try fixture.cases("global_average_pooling_") {
      _ = try compare(golden) { tape, x in tape.globalAveragePooling(x) }
    }
    for golden in try fixture.cases("linear_") {
      _ = try compare(golden, parameters: ["weight", "bias"]) { tape, x in
        tape.linear(x.variable, weight: tape.parameter("weight"), bias: tape.parameter("bias"))
      }
    }
  }

  @Test func softmaxCrossEntropy() throws {
    for golden in try fixture.cases("softmax_cross_entropy_") {
      let tape = Tape(parameters: Parameters(), mode: .training(seed: 1))
      let logits = tape.input(try golden.tensor("logits"))
      let loss = tape.softmaxCrossEntropy(logits, labels: try golden.labels("labels"))
      #expect(loss.value.distance(to: try golden.tensor("loss")) < tolerance, "\(golden)")
      var collector = GradientCollector()
      let pass = tape.backward(from: loss, into: &collector)
      #expect(pass.gradient(of: logits)!.distance(to: try golden.tensor("logits_gradient")) < tolerance, "\(golden)")
      let softmax = CrossEntropy.softmax(logits.value)
      #expect(softmax.distance(to: try golden.tensor("probabilities")) < tolerance, "\(golden)")
    }
  }

  /// Convolutions, normalization, pooling, ROIPool and fully connected layers in one network.
  @Test func network() throws {
    let golden = try fixture.cases("network")[0]
    var names = ["fc6_weight", "fc6_bias", "fc7_weight", "fc7_bias"]
    for i in 1...2 { names += ["conv\(i)_weight", "conv\(i)_bias", "bn\(i)_scale", "bn\(i)_offset"] }
    var parameters = Parameters()
    for name in names { parameters[name] = try golden.tensor(name) }
    for i in 1...2 {
      let channels = parameters["bn\(i)_scale"]!.count
      parameters["bn\(i)_mean"] = Tensor(zeros: [channels])
      parameters["bn\(i)_variance"] = Tensor(repeating: 1, shape: [channels])
    }
    let tape = Tape(parameters: parameters, mode: .training(seed: 1)) { names.contains($0) }
    let input = try golden.tensor("input")
    let (extents, rows) = Self.layout(of: input.shape)
    let x = tape.input(input.reshaped(to: rows))
    var maps = FeatureMaps(x, extents)
    for i in 1...2 {
      maps = tape.convolution(
        maps, weight: tape.parameter("conv\(i)_weight"), bias: tape.parameter("conv\(i)_bias"),
        Convolution(kernelHeight: 3, kernelWidth: 3, padding: 1))
      let p = BatchNormalizationParameters(
        scale: tape.parameter("bn\(i)_scale"), offset: tape.parameter("bn\(i)_offset"),
        mean: tape.parameter("bn\(i)_mean"), variance: tape.parameter("bn\(i)_variance"))
      maps = tape.batchNormalization(maps, p, epsilon: 1e-5, momentum: 0.1)
      maps = FeatureMaps(tape.relu(maps.variable), maps.extents, spatialScale: maps.spatialScale)
      if i == 1 { maps = tape.maxPooling(maps, MaxPooling(size: 2, stride: 2)) }
    }
    #expect(maps.variable.value.distance(to: try golden.tensor("features")) < tolerance)
    let pooled = tape.roiPool(
      maps, regions: (0..<extents.count).map { Region(image: $0) }, ROIPool(height: 7, width: 7))
    #expect(pooled.variable.value.distance(to: try golden.tensor("pooled")) < tolerance)
    let hidden = tape.relu(
      tape.linear(tape.flatten(pooled), weight: tape.parameter("fc6_weight"), bias: tape.parameter("fc6_bias")))
    let logits = tape.linear(hidden, weight: tape.parameter("fc7_weight"), bias: tape.parameter("fc7_bias"))
    #expect(logits.value.distance(to: try golden.tensor("logits")) < tolerance)
    let loss = tape.softmaxCrossEntropy(logits, labels: try golden.labels("labels"))
    #expect(loss.value.distance(to: try golden.tensor("loss")) < tolerance)
    var collector = GradientCollector()
    let pass = tape.backward(from: loss, into: &collector)
    #expect(pass.gradient(of: x)!.distance(to: try golden.tensor("input_gradient")) < tolerance)
    for (index, name) in names.enumerated() {
      let expected = try golden.tensor(name + "_gradient")
      #expect(collector.gradients[index]!.materialized().distance(to: expected) < tolerance, "\(name)")
    }
  }
}
