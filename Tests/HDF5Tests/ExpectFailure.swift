import HDF5
import Testing

/// Runs `body` and expects the HDF5 error whose parts are returned for a closer look.
func expectFailure(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> HDF5Error? {
  #expect(throws: HDF5Error.self, sourceLocation: sourceLocation) { try body() }
}
