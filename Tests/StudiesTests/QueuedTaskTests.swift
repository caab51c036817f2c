import Foundation
import Studies
import Support
import Testing

/// `squeue.txt` is what squeue of Slurm 22.05 wrote of such jobs; `sacct.txt` has the forms of its sacct(1).
@Suite struct QueuedTaskTests {
  private func fixture(_ name: String) throws -> String {
    try TextFile.read(#require(Bundle.module.path(forResource: "Fixtures/\(name)", ofType: nil)))
  }

  @Test func theQueueIsRead() throws {
    let tasks = try QueuedTask.tasks(ofQueue: fixture("squeue.txt"))
    #expect(tasks.map(\.name) == ["17_1", "17_2", "17_3", "18_1", "18_2", "19", "16"])
    #expect(tasks[0] == QueuedTask(job: "17", task: 1, state: "PENDING", reason: "BeginTime"))
    #expect(tasks[1] == QueuedTask(job: "17", task: 2, state: "RUNNING"))
    #expect(tasks.map(\.isActive) == [true, true, false, true, true, true, false])
    #expect(try QueuedTask.tasks(ofQueue: "").isEmpty)
  }

  @Test func theAccountingIsRead() throws {
    let tasks = try QueuedTask.tasks(ofAccounting: fixture("sacct.txt"))
    #expect(
      tasks.map(\.name) == [
        "12", "13_1", "13_2", "13_3", "13_4", "13_5", "13_6", "13_7", "13_8", "13_11", "14_1",
      ])
    #expect(tasks[2] == QueuedTask(job: "13", task: 2, state: "FAILED", reason: "exit code 70:0"))
    #expect(tasks[3] == QueuedTask(job: "13", task: 3, state: "CANCELLED", reason: "exit code 0:15"))
    // What waits, and what goes back to the queue.
    #expect(tasks.filter(\.isActive).map(\.name) == ["13_6", "13_7", "13_8", "13_11", "14_1"])
  }

  @Test(arguments: [
    "17_1|PENDING", "17_x|PENDING|None", "|PENDING|None", "17_[1-|PENDING|None", "17_[3-1]|PENDING|None", "17||None",
    "17_|PENDING|None", "17_[0-4000001]|PENDING|None", "17_[0-4000000,0-4000000]|PENDING|None", "17.batch|RUNNING|None",
  ])
  func anotherLineIsAnError(line: String) throws {
    let error = #expect(throws: FileError.self) { try QueuedTask.tasks(ofQueue: line + "\n") }
    #expect(error?.message == "squeue: a line that was not expected, \(line); expected JOB|STATE|REASON")
  }
}
