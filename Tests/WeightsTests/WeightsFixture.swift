import Foundation
import Support
import Tensors
import TestSupport
import Testing

/// The path of a fixture.
func weightsFixture(_ name: String) -> String { Bundle.module.bundlePath + "/Fixtures/" + name }

/// Expects an error of a file and returns it for a closer look.
func fileError(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> FileError? {
  #expect(throws: FileError.self, sourceLocation: sourceLocation) { try body() }
}

/// The message of the error that `body` throws.
func failureMessage(sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void) throws -> String {
  try #require(throws: FileError.self, sourceLocation: sourceLocation) { try body() }.message
}

/// A small network's parameters; the values of the n-th tensor are 100 n, 100 n + 1, …
func exampleParameters() -> Parameters {
  let shapes: [(String, [Int])] = [
    ("features.conv1_1.weight", [3, 3, 2, 4]), ("features.conv1_1.bias", [4]), ("features.bn1_1.scale", [4]),
    ("features.bn1_1.offset", [4]), ("features.bn1_1.mean", [4]), ("features.bn1_1.variance", [4]),
    ("head.fc6.weight", [16, 5]), ("head.fc6.bias", [5]),
  ]
  return Parameters(
    shapes.enumerated().map { index, entry in
      let count = entry.1.reduce(1, *)
      return (entry.0, Tensor((0..<count).map { Float(100 * index + $0) }, shape: entry.1))
    })
}

/// Names and shapes as a network specifies them.
func specification(_ parameters: Parameters) -> [(name: String, shape: [Int])] {
  parameters.map { ($0.name, $0.tensor.shape) }
}
