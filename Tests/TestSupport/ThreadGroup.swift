package import Distribution
import Foundation
package import Tensors

/// Threads of this process that act as the processes of a group, without MPI.
package struct ThreadGroup: Communicator {
  /// The number of this thread.
  package let rank: Int
  /// The number of threads.
  package let size: Int
  private let meeting: Meeting

  /// Runs `body` in as many threads at once; returns what each came to, in the order of ranks.
  package static func run<Value: Sendable>(
    _ size: Int, _ body: @escaping @Sendable (any Communicator) throws -> Value
  ) -> [Result<Value, any Error>] {
    let meeting = Meeting(size)
    let results = Meeting(size)
    let threads = (0..<size).map { rank in
      let thread = Thread {
        let result = Result { try body(ThreadGroup(rank: rank, size: size, meeting: meeting)) }
        _ = results.exchange(rank, result)
      }
      thread.stackSize = 16 << 20
      return thread
    }
    for thread in threads { thread.start() }
    return results.wait().map { $0 as! Result<Value, any Error> }
  }

  /// What each thread gives, in the order of ranks.
  package func gathered(_ bytes: [UInt8]) -> [[UInt8]] { meeting.exchange(rank, bytes).map { $0 as! [UInt8] } }

  /// The elements of all threads, in the order of ranks.
  package func gathered(_ own: Tensor, counts: [Int]) -> Tensor {
    precondition(own.count == counts[rank], "\(own.count) elements for \(counts)")
    return Tensor(meeting.exchange(rank, own).flatMap { ($0 as! Tensor).values })
  }

  /// What all threads have for this one, in the order of ranks.
  package func exchanged(_ own: Tensor, sending: [Int], receiving: [Int]) -> Tensor {
    var pieces: [[Float]] = []
    var start = 0
    for count in sending {
      pieces.append(Array(own.values[start..<start + count]))
      start += count
    }
    let all = meeting.exchange(rank, pieces).map { ($0 as! [[Float]])[rank] }
    precondition(all.map(\.count) == receiving, "\(all.map(\.count)) elements for \(receiving)")
    return Tensor(all.flatMap { $0 })
  }

  /// The elements of the first thread.
  package func broadcast(_ tensor: inout Tensor) {
    let first = meeting.exchange(rank, tensor)[0] as! Tensor
    precondition(first.shape == tensor.shape, "\(first.shape) for \(tensor.shape)")
    tensor = Tensor(first.values, shape: first.shape)
  }

  /// Waits for the others.
  package func finish() { _ = meeting.exchange(rank, 0) }

  /// Ends the tests.
  package func abort(_ code: Int32) -> Never { fatalError("a thread ended with \(code)") }
}

/// Where threads wait for each other and hand over a value each.
private final class Meeting: Sendable {
  private let size: Int
  private let condition = NSCondition()
  private nonisolated(unsafe) var round = 0
  private nonisolated(unsafe) var given: [Int: any Sendable] = [:]
  private nonisolated(unsafe) var results: [any Sendable] = []

  init(_ size: Int) { self.size = size }

  /// What all give, once they have.
  func exchange(_ rank: Int, _ value: any Sendable) -> [any Sendable] {
    condition.lock()
    defer { condition.unlock() }
    given[rank] = value
    let own = round
    if given.count == size {
      results = (0..<size).map { given[$0]! }
      (given, round) = ([:], round + 1)
      condition.broadcast()
    } else {
      while round == own { condition.wait() }
    }
    return results
  }

  /// What all have given in the first round.
  func wait() -> [any Sendable] {
    condition.lock()
    defer { condition.unlock() }
    while round == 0 { condition.wait() }
    return results
  }
}
