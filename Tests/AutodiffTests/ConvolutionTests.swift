import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct ConvolutionTests {
  let torch = TorchValues()
  var stream = RandomStream(seed: 11)
  let extents = Extents([Extent(height: 5, width: 4), Extent(height: 3, width: 6)])

  @Test func agreesWithTorch() throws {
    for golden in try torch.fixture.cases("convolution_") {
      let shape = try golden.tensor("weight").shape
      let kernel = Convolution(
        kernelHeight: shape[0], kernelWidth: shape[1], stride: Int(try golden.number("stride")),
        padding: Padding(Int(try golden.number("padding"))))
      _ = try torch.compare(golden, parameters: ["weight", "bias"]) { tape, x in
        tape.convolution(x, weight: tape.parameter("weight"), bias: tape.parameter("bias"), kernel).variable
      }
    }
  }

  @Test(arguments: [(1, 0), (1, 1), (2, 1)]) mutating func agreesWithDifferences(stride: Int, padding: Int) {
    let kernel = Convolution(kernelHeight: 3, kernelWidth: 2, stride: stride, padding: Padding(padding))
    let parameters = Parameters([("w", stream.normal([3, 2, 2, 3])), ("b", stream.normal([3]))])
    let extents = extents
    let check = GradientCheck(inputs: [stream.normal([38, 2])], parameters: parameters) { tape, inputs in
      tape.convolution(
        FeatureMaps(inputs[0], extents), weight: tape.parameter("w"), bias: tape.parameter("b"), kernel
      ).variable
    }
    #expect(check.agrees(gradients: 3), "\(check)")
  }

  /// Groups, dilation, and padding that differs from side to side.
  @Test func windowsOfEveryKindAgreeWithTorch() throws {
    let torch = TorchValues("windows.h5")
    for golden in try torch.fixture.cases("convolution_") {
      let shape = try golden.tensor("weight").shape
      func number(_ name: String) throws -> Int { Int(try golden.number(name)) }
      let kernel = try Convolution(
        kernelHeight: shape[0], kernelWidth: shape[1], stride: number("stride"),
        padding: Padding(top: number("top"), left: number("left"), bottom: number("bottom"), right: number("right")),
        dilation: number("dilation"), groups: number("groups"))
      _ = try torch.compare(golden, parameters: ["weight", "bias"]) { tape, x in
        tape.convolution(x, weight: tape.parameter("weight"), bias: tape.parameter("bias"), kernel).variable
      }
    }
  }

  /// Each group by itself: a grouped convolution is that of the groups' channels side by side, on maps of two extents.
  @Test(arguments: [1, 2]) mutating func groupsAreConvolutionsOfTheirOwn(stride: Int) {
    let (x, weight) = (stream.normal([38, 6]), stream.normal([3, 3, 2, 9]))
    let grouped = Convolution(kernelHeight: 3, kernelWidth: 3, stride: stride, padding: 1, groups: 3)
    let single = Convolution(kernelHeight: 3, kernelWidth: 3, stride: stride, padding: 1)
    func columns(_ tensor: Tensor, _ range: Range<Int>) -> Tensor {
      let width = tensor.shape.last!
      let rows = tensor.count / width
      let values = tensor.values
      let part = (0..<rows).flatMap { row in range.map { values[row * width + $0] } }
      return Tensor(part, shape: tensor.shape.dropLast() + [range.count])
    }
    let whole = grouped.forward(x, extents, weight: weight, bias: nil)
    let gradient = stream.normal(whole.shape)
    let dx = grouped.inputGradient(gradient, extents, weight: weight)
    let dw = grouped.weightGradient(x, gradient, extents)
    for group in 0..<3 {
      let (inputs, outputs) = (2 * group..<2 * group + 2, 3 * group..<3 * group + 3)
      let (x, weight, gradient) = (columns(x, inputs), columns(weight, outputs), columns(gradient, outputs))
      let part = single.forward(x, extents, weight: weight, bias: nil)
      #expect(columns(whole, outputs).distance(to: part) < 1e-5)
      #expect(columns(dx, inputs).distance(to: single.inputGradient(gradient, extents, weight: weight)) < 1e-5)
      #expect(columns(dw, outputs).distance(to: single.weightGradient(x, gradient, extents)) < 1e-5)
    }
  }

  @Test mutating func groupsAndDilationAgreeWithDifferences() {
    let kernel = Convolution(
      kernelHeight: 2, kernelWidth: 2, stride: 2, padding: Padding(top: 1, left: 0, bottom: 2, right: 1), dilation: 2,
      groups: 2)
    let parameters = Parameters([("w", stream.normal([2, 2, 2, 6])), ("b", stream.normal([6]))])
    let extents = extents
    let check = GradientCheck(inputs: [stream.normal([38, 4])], parameters: parameters) { tape, inputs in
      tape.convolution(
        FeatureMaps(inputs[0], extents), weight: tape.parameter("w"), bias: tape.parameter("b"), kernel
      ).variable
    }
    #expect(check.agrees(gradients: 3), "\(check)")
  }
}
