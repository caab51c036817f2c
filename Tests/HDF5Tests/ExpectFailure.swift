import Foundation
import HDF5
import Support
import Testing

/// Runs `body` and expects the HDF5 error whose parts are returned for a closer look.
func expectFailure(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> HDF5Error? {
  #expect(throws: HDF5Error.self, sourceLocation: sourceLocation) { try body() }
}

/// Runs `body` and expects the error of a file, which is returned for a closer look.
func expectFileError(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> FileError? {
  #expect(throws: FileError.self, sourceLocation: sourceLocation) { try body() }
}

/// A file with objects that are refused; see Fixtures/make_hostile.py.
let hostile = Bundle.module.bundlePath + "/Fixtures/hostile.h5"
/// A file written by h5py; see Fixtures/make_fixtures.py.
let fixture = Bundle.module.bundlePath + "/Fixtures/h5py.h5"
