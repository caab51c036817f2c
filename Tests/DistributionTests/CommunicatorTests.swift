import Distribution
import Tensors
import TestSupport
import Testing

/// What processes do together, on threads that act as such.
@Suite struct CommunicatorTests {
  private struct Failed: Error, Equatable { let rank: Int }

  /// The first that fails has its own error, and all others know which it was.
  @Test func aFailureOfOneIsOneOfAll() {
    let results = ThreadGroup.run(4) { processes in
      try processes.agreed { if processes.rank > 1 { throw Failed(rank: processes.rank) } }
    }
    for (rank, result) in results.enumerated() {
      guard case .failure(let error) = result else {
        Issue.record("process \(rank) went on")
        continue
      }
      if rank == 2 {
        #expect(error as? Failed == Failed(rank: 2))
      } else {
        #expect(error as? ElsewhereFailed == ElsewhereFailed(rank: 2))
      }
    }
  }

  /// What succeeds everywhere comes with what the others tell.
  @Test func messagesComeInOrder() throws {
    let results = ThreadGroup.run(3) { processes in
      let (value, messages) = try processes.agreed {
        processes.rank * 10
      } telling: { value in
        var message = Message()
        message.add(value)
        message.add("from \(value)")
        return message
      }
      return "\(value)"
        + messages.map { message in
          var message = message
          return " \(message.number()) \(message.text()) \(message.isAtEnd)"
        }.joined()
    }
    let told = " 0 from 0 true 10 from 10 true 20 from 20 true"
    #expect(try results.map { try $0.get() } == ["0" + told, "10" + told, "20" + told])
  }

  @Test func aDifferenceNamesTheProcessAndTheLine() throws {
    let results = ThreadGroup.run(3) { processes in
      let found = processes.difference(in: "a: 1\n  b: \(processes.rank / 2)\nc: 3")
      return found.map { "\($0.rank): \($0.first), \($0.other)" }
    }
    #expect(try results.map { try $0.get() } == ["2: b: 0, b: 1", "2: b: 0, b: 1", "2: b: 0, b: 1"])
    let same = ThreadGroup.run(3) { $0.difference(in: "a") == nil && $0.any(false) == false && $0.any($0.rank == 2) }
    #expect(try same.allSatisfy { try $0.get() })
  }

  @Test func onlyOpenMPIJoins() throws {
    #expect(try Launch(environment: [:]).joined() is SingleProcess)
    #expect(try Launch(environment: ["OMPI_COMM_WORLD_SIZE": "1"]).joined() is SingleProcess)
    let launch = Launch(environment: ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3"])
    #expect(launch.size == 4 && launch.rank == 3)
    let other = Launch(environment: ["PMI_SIZE": "2", "PMI_RANK": "1"])
    let error = #expect(throws: (any Error).self) { try other.joined() }
    #expect("\(try #require(error))".contains("use Open MPI's mpirun"))
  }
}
