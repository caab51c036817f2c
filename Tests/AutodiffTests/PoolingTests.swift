import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct PoolingTests {
  let torch = TorchValues()
  var stream = RandomStream(seed: 11)
  let extents = Extents([Extent(height: 5, width: 4), Extent(height: 3, width: 6)])

  @Test func maxPoolingAgreesWithTorch() throws {
    for golden in try torch.fixture.cases("maximum_pooling_") {
      let pooling = MaxPooling(
        size: Int(try golden.number("window")), stride: Int(try golden.number("stride")),
        padding: Padding(Int(try golden.number("padding"))))
      _ = try torch.compare(golden) { tape, x in tape.maxPooling(x, pooling).variable }
    }
  }

  /// Padding and ceiling mode, with and without the padding in the mean.
  @Test func windowsOfEveryKindAgreeWithTorch() throws {
    let torch = TorchValues("windows.h5")
    func settings(_ golden: FixtureCase) throws -> (size: Int, stride: Int, padding: Padding, ceil: Bool) {
      (
        Int(try golden.number("window")), Int(try golden.number("stride")), Padding(Int(try golden.number("padding"))),
        try golden.number("ceil") == 1
      )
    }
    for golden in try torch.fixture.cases("maximum_") {
      let (size, stride, padding, ceil) = try settings(golden)
      let pooling = MaxPooling(size: size, stride: stride, padding: padding, roundsUp: ceil)
      _ = try torch.compare(golden) { tape, x in tape.maxPooling(x, pooling).variable }
    }
    for golden in try torch.fixture.cases("average_") {
      let (size, stride, padding, ceil) = try settings(golden)
      let pooling = AveragePooling(
        size: size, stride: stride, padding: padding, roundsUp: ceil,
        countIncludePad: try golden.number("counts") == 1)
      _ = try torch.compare(golden) { tape, x in tape.averagePooling(x, pooling).variable }
    }
  }

  @Test mutating func paddedAveragePoolingAgreesWithDifferences() {
    let extents = extents
    for counts in [false, true] {
      let pooling = AveragePooling(
        size: 3, stride: 2, padding: Padding(top: 1, left: 0, bottom: 0, right: 1), roundsUp: true,
        countIncludePad: counts)
      let check = GradientCheck(inputs: [stream.normal([38, 3])]) { tape, inputs in
        tape.averagePooling(FeatureMaps(inputs[0], extents), pooling).variable
      }
      #expect(check.agrees(gradients: 1), "\(check)")
    }
  }

  @Test mutating func maxPoolingAgreesWithDifferences() {
    let extents = extents
    let check = GradientCheck(inputs: [stream.normal([38, 3])]) { tape, inputs in
      tape.maxPooling(FeatureMaps(inputs[0], extents), MaxPooling(size: 3, stride: 2, padding: 1)).variable
    }
    #expect(check.agrees(gradients: 1), "\(check)")
  }

  @Test mutating func roiPoolWithOverlappingBinsAndSeveralRegionsPerImage() {
    let extents = extents
    let regions = [
      Region(image: 0), Region(image: 1, box: .init(x1: 0, y1: 0, x2: 4.5, y2: 2)),
      Region(image: 1, box: .init(x1: 2, y1: 1, x2: 3, y2: 9)),
      Region(image: 0, box: .init(x1: 1, y1: 1, x2: 1, y2: 1)),
    ]
    let check = GradientCheck(inputs: [stream.normal([38, 2])]) { tape, inputs in
      tape.roiPool(FeatureMaps(inputs[0], extents), regions: regions, ROIPool(height: 3, width: 4)).variable
    }
    #expect(check.agrees(gradients: 1), "\(check)")
  }

  @Test func globalAveragePoolingAgreesWithTorch() throws {
    for golden in try torch.fixture.cases("global_average_pooling_") {
      _ = try torch.compare(golden) { tape, x in tape.globalAveragePooling(x) }
    }
  }

  @Test mutating func globalAveragePoolingAgreesWithDifferences() {
    let extents = extents
    let check = GradientCheck(inputs: [stream.normal([38, 3])]) { tape, inputs in
      tape.globalAveragePooling(FeatureMaps(inputs[0], extents))
    }
    #expect(check.agrees(gradients: 1), "\(check)")
  }

  @Test(arguments: [(2, 2), (3, 1), (2, 3)]) mutating func averageAndGlobalMaxPooling(size: Int, stride: Int) {
    let extents = extents
    let average = GradientCheck(inputs: [stream.normal([38, 3])]) { tape, inputs in
      tape.averagePooling(FeatureMaps(inputs[0], extents), AveragePooling(size: size, stride: stride)).variable
    }
    #expect(average.agrees(gradients: 1), "\(average)")
    let maximum = GradientCheck(inputs: [stream.normal([38, 3])]) { tape, inputs in
      tape.globalMaxPooling(FeatureMaps(inputs[0], extents))
    }
    #expect(maximum.agrees(gradients: 1), "\(maximum)")
  }

  @Test mutating func flattenAgreesWithDifferences() {
    let extents = Extents(count: 3, height: 2, width: 2)
    let check = GradientCheck(inputs: [stream.normal([12, 2])]) { tape, inputs in
      tape.flatten(FeatureMaps(inputs[0], extents))
    }
    #expect(check.agrees(gradients: 1), "\(check)")
  }
}
