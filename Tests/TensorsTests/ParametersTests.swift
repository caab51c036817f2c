import Tensors
import Testing

@Suite struct ParametersTests {
  @Test func modifyingAParameterInPlaceDoesNotCopy() {
    var parameters = Parameters([("a", Tensor([1, 2])), ("b", Tensor([3]))])
    let before = parameters[0].withUnsafePointer { UInt(bitPattern: $0) }
    parameters[0].withUnsafeMutablePointer { $0[0] = 5 }
    let after = parameters[0].withUnsafePointer { UInt(bitPattern: $0) }
    #expect(before == after)
    #expect(parameters["a"]?.values == [5, 2])
    #expect(parameters.names == ["a", "b"])
  }
}
