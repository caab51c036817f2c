package import Tensors

/// The processes that train one run together; each calls the same functions in the same order.
///
/// Collective calls wait for all processes. A process that ends early ends the others: none waits for it forever.
package protocol Communicator: Sendable {
  /// The number of this process, from 0 on.
  var rank: Int { get }
  /// The number of processes.
  var size: Int { get }
  /// What each process gives, in the order of ranks.
  func gathered(_ bytes: [UInt8]) -> [[UInt8]]
  /// The elements of all processes in the order of ranks, a vector.
  ///
  /// - Parameter counts: how many elements each process gives.
  func gathered(_ own: Tensor, counts: [Int]) -> Tensor
  /// Gives each process its own elements and returns those that all have for this one, in the order of ranks.
  ///
  /// - Parameters:
  ///   - own: what the processes get, in the order of ranks.
  ///   - sending: how many elements each process gets.
  ///   - receiving: how many elements each process has for this one.
  func exchanged(_ own: Tensor, sending: [Int], receiving: [Int]) -> Tensor
  /// Replaces a tensor's elements by those that process 0 has.
  func broadcast(_ tensor: inout Tensor)
  /// Leaves the group once all processes do.
  func finish()
  /// Ends all processes with an exit code.
  func abort(_ code: Int32) -> Never
}

extension Communicator {
  /// Whether this process writes the run's files and shows its progress.
  package var isFirst: Bool { rank == 0 }

  /// Whether something holds on any process.
  package func any(_ holds: Bool) -> Bool { gathered([holds ? 1 : 0]).contains([1]) }

  /// Does something on every process, and throws on all where it fails on one.
  ///
  /// - Throws: its own error on the first process that fails, `ElsewhereFailed` on the others.
  package func agreed<Value>(_ body: () throws -> Value) throws -> Value {
    try agreed(body) { _ in Message() }.value
  }

  /// The same, and tells the others something of the value: their messages come in the order of ranks.
  ///
  /// - Throws: as without a message.
  package func agreed<Value>(
    _ body: () throws -> Value, telling message: (Value) -> Message
  ) throws -> (value: Value, messages: [Message]) {
    let result = Result { try body() }
    var own = Message()
    switch result {
    case .success(let value):
      own = message(value)
      own.add(1)
    case .failure: own.add(0)
    }
    var messages = gathered(own.bytes).map { Message($0) }
    var failed: Int?
    for place in messages.indices.reversed() where messages[place].removeLast() == 0 { failed = place }
    guard let failed else { return (try result.get(), messages) }
    if failed == rank { _ = try result.get() }
    throw ElsewhereFailed(rank: failed)
  }

  /// Does something on the first process alone, and throws on all where it fails; nil on the others.
  ///
  /// - Throws: its own error on the first process, `ElsewhereFailed` on the others.
  package func doneByFirst<Value: ~Copyable>(_ body: () throws -> Value) throws -> Value? {
    guard isFirst else {
      try agreed {}
      return nil
    }
    do {
      let value = try body()
      try agreed {}
      return value
    } catch {
      try agreed { throw error }
      return nil
    }
  }

  /// The first process whose text is another than that of process 0, with the first lines that differ; nil if all agree.
  package func difference(in text: String) -> (rank: Int, first: String, other: String)? {
    let texts = gathered(Array(text.utf8))
    guard let rank = texts.firstIndex(where: { $0 != texts[0] }) else { return nil }
    let lines = [texts[0], texts[rank]].map {
      String(decoding: $0, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    let place = lines[1].indices.first { $0 >= lines[0].count || lines[0][$0] != lines[1][$0] } ?? lines[1].count
    func line(_ lines: [String]) -> String {
      place < lines.count ? String(lines[place].drop { $0 == " " }) : "nothing more"
    }
    return (rank, line(lines[0]), line(lines[1]))
  }
}

/// Thrown where another process of the group has failed, which says why and ends this one.
package struct ElsewhereFailed: Error, Equatable, CustomStringConvertible {
  /// The process that failed.
  package let rank: Int

  /// The failure of a process.
  package init(rank: Int) { self.rank = rank }

  /// The message.
  package var description: String { "process \(rank) has failed" }
}
