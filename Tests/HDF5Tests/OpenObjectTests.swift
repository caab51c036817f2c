import HDF5
import TestSupport
import Testing

// In processes of their own, for tests of other rooms open files meanwhile.
struct OpenObjectTests {
  @Test func nothingStaysOpenWhateverHappens() async {
    await #expect(processExitsWith: .success) {
      func check(_ what: String, _ body: () throws -> Void) throws {
        try body()
        #expect(Library.openObjectCount == 0, "\(what)")
      }
      try check("attributes") { try RoundTripTests().attributesOfEveryKindComeBack() }
      try check("types") { try RoundTripTests().datasetsOfEveryTypeComeBack() }
      try check("slices") { try RoundTripTests().slicesAndBlocksAreRead() }
      try check("growth") { try RoundTripTests().anExtensibleDatasetGrowsByRows() }
      try check("children") { try RoundTripTests().childrenAreListedWithTheirKind() }
      try check("peer") { try PeerFileTests().h5pysFileIsRead() }
      try check("text") { try BadFileTests().aTextFileIsRefused() }
      try check("truncated") { try BadFileTests().aTruncatedFileIsRefused() }
      try check("missing objects") { try BadFileTests().noObjectSaysHowFarThePathLed() }
      try check("refusals of libhdf5") { try BadFileTests().libraryErrorsCarryHDF5sOwnMessage() }
      try check("hostile objects") { try BadFileTests().hostileObjectsAreRefused() }
      try check("unknown filters and types") { try BadFileTests().unknownFiltersAndTypesAreRefused() }
      try check("circles") { try BadFileTests().groupsInACircleAreListedOnlySoOften() }
      try check("examination") { try BadFileTests().aWholeFileIsExamined() }
      try check("atomic") { try HDF5WriterTests().structureAndValuesComeBack() }
      try check("atomic failure") { try HDF5WriterTests().aFailureWhileValuesAreWrittenLeavesThePreviousFile() }
      try check("too large") { try HDF5WriterTests().aFileLargerThanTheDiskLeavesThePreviousOne() }
    }
  }

  @Test func whatIsOpenIsCounted() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      #expect(Library.openObjectCount == 0)
      let file = try HDF5File(creating: directory.path("x.h5"))
      #expect(Library.openObjectCount == 1)
      let group = try file.createGroup("g")
      #expect(Library.openObjectCount == 2)
      try group.setAttribute("a", to: 1)
      try file.setAttribute("b", to: 1)
    }
  }
}
