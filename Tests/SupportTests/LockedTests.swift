import Dispatch
import Support
import Testing

@Suite struct LockedTests {
  @Test func concurrentChangesAreAllKept() {
    let counts = Locked([Int]())
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for _ in 0..<1000 { counts.withLock { $0.append(worker) } }
    }
    let found = counts.withLock { $0 }
    #expect((0..<8).allSatisfy { worker in found.count { $0 == worker } == 1000 })
  }

  @Test func anErrorPassesThroughAndTheLockIsFreeAgain() {
    struct Failure: Error {}
    let value = Locked(1)
    #expect(throws: Failure.self) {
      try value.withLock { number throws(Failure) in
        number = 2
        throw Failure()
      }
    }
    #expect(value.withLock { $0 } == 2)
  }
}
