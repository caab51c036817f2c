import Foundation
import HDF5
import Layers
import Networks
import Optimizers
import Support
import TestSupport
import Testing
import Training

// In separate processes, as tests of other suites open files at the same time.
struct TrainerResourceTests {
  @Test func nothingStaysOpenAfterRuns() async {
    await #expect(processExitsWith: .success) {
      let tests = TrainerTests()
      func check(_ what: String, _ body: () throws -> Void) throws {
        try body()
        #expect(Library.openObjectCount == 0, "\(what)")
      }
      try check("resuming") { try tests.resumingGivesTheSameBits(place: (7, 2), kind: .adamw) }
      try check("fine-tuning") { try tests.fineTunesFromAFileAndKeepsWhatIsFrozen() }
      try check("refusals") { try tests.whatCannotBeTrainedIsRefusedBeforeAnythingIsWritten() }
      try check("divergence") { try tests.aLossThatIsNotFiniteStopsTheRun() }
      try check("damage") { try tests.aDamagedCheckpointGivesWayToTheOneBefore() }
      try check("failed saves") { try tests.anEndThatCannotBeSavedIsAnError() }
      try check("changes") { try tests.whatChangedBetweenStopAndResumeIsNoticed() }
      try check("proof") { try tests.aRunIsProvedAndVerified(kind: .adamw) }
      try check("features") { try tests.anInterruptedExtractionResumes() }
    }
  }

  /// Open, train, save and close in cycles: no handle and no memory leaks. `BULKHEAD_CYCLES` sets their number.
  @Test func cyclesLeaveNothingBehind() async {
    await #expect(processExitsWith: .success) {
      let cycles = ProcessInfo.processInfo.environment["BULKHEAD_CYCLES"].flatMap { Int($0) } ?? 60
      let directory = try TemporaryDirectory()
      var configuration = try TrainerTests.configuration(directory)
      configuration.epochs = 1
      configuration.data.sizes = [28]
      configuration.data.evaluationSize = 28
      configuration.data.trainPerClass = 2
      configuration.data.validationPerClass = 2
      configuration.network.head?.width = 8
      let run = try TrainerTests.run("run", directory, configuration)
      var counts: [(memory: Int, files: Int, threads: Int)] = []
      for cycle in 0..<cycles {
        try run.removeCheckpoints()
        try FileSystem.remove(run.result)
        #expect(throws: Interruption.self) { try Trainer(configuration, run: run).train { $0 == 1 } }
        try Trainer(resuming: run).train()
        #expect(Library.openObjectCount == 0, "cycle \(cycle)")
        counts.append(try Self.counts())
      }
      let (early, late) = (counts[cycles / 10], counts[cycles - 1])
      print("cycles: memory \(early.memory) KiB after \(cycles / 10), \(late.memory) KiB after \(cycles)")
      #expect(late.files <= early.files && late.threads <= early.threads)
      // Short tests have too few cycles for the allocator to come to rest.
      if cycles >= 1000 { #expect(Double(late.memory) <= 1.02 * Double(early.memory), "\(early) \(late)") }
    }
  }

  /// Resident KiB, open files and threads of this process.
  private static func counts() throws -> (memory: Int, files: Int, threads: Int) {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    func number(_ key: String) -> Int {
      let line = status.split(separator: "\n").first { $0.hasPrefix(key + ":") } ?? ""
      return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
    }
    return (
      number("VmRSS"), try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count, number("Threads")
    )
  }
}
