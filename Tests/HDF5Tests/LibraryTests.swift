import HDF5
import TestSupport
import Testing

// In separate processes, as other tests open files at the same time.
struct LibraryTests {
  @Test func nothingStaysOpenWhateverHappens() async {
    await #expect(processExitsWith: .success) {
      func check(_ what: String, _ body: () throws -> Void) throws {
        try body()
        #expect(Library.openObjectCount == 0, "\(what)")
      }
      try check("attributes") { try HDF5AttributeTests().attributesOfEveryKindComeBack() }
      try check("types") { try HDF5DatasetTests().datasetsOfEveryTypeComeBack() }
      try check("slices") { try HDF5DatasetTests().slicesAndBlocksAreRead() }
      try check("growth") { try HDF5DatasetTests().anExtensibleDatasetGrowsByRows() }
      try check("children") { try HDF5ContainerTests().childrenAreListedWithTheirKind() }
      try check("h5py") { try HDF5FileTests().h5pysFileIsRead() }
      try check("text") { try HDF5FileTests().aTextFileIsRefused() }
      try check("truncated") { try HDF5FileTests().aTruncatedFileIsRefused() }
      try check("missing objects") { try HDF5FileTests().noObjectSaysHowFarThePathLed() }
      try check("refusals of libhdf5") { try HDF5FileTests().libraryErrorsCarryHDF5sOwnMessage() }
      try check("hostile objects") { try GuardTests().hostileObjectsAreRefused() }
      try check("unknown filters and types") { try GuardTests().unknownFiltersAndTypesAreRefused() }
      try check("cycles") { try GuardTests().listingsOfCyclicGroupsAreLimited() }
      try check("examination") { try ExaminationTests().aWholeFileIsExamined() }
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

  @Test func manyThreadsReadOneFile() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("t.h5")
    do {
      let file = try HDF5File(creating: path)
      try file.writeDataset("x", Array(0..<10_000), chunk: [100], gzip: 1)
      try file.close()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          let file = try HDF5File(opening: path)
          let dataset = try file.dataset("x")
          for row in stride(from: task, to: 9_000, by: 97) {
            #expect(try dataset.read(rows: row..<row + 3, as: Int.self) == [row, row + 1, row + 2])
            // An error of one thread is never another's.
            let error = expectFailure { _ = try file.dataset("none\(task)") }
            #expect(error?.reason == "there is no /none\(task)")
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
