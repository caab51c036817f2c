internal import Support

/// Numbers and texts that processes of the same program send each other: written at the end, read from the beginning.
package struct Message: Sendable, Equatable {
  private var numbers: [Int]
  private var position = 0

  /// A message without contents.
  package init() { numbers = [] }

  /// The message of these bytes.
  package init(_ bytes: [UInt8]) { numbers = [Int](rawBytes: bytes) }

  /// The bytes to send, with what is read already.
  package var bytes: [UInt8] { numbers.rawBytes }

  /// Whether everything is read.
  package var isAtEnd: Bool { position == numbers.count }

  /// Adds a number.
  package mutating func add(_ number: Int) { numbers.append(number) }
  /// Adds a number with all its bits.
  package mutating func add(_ number: Double) { numbers.append(Int(bitPattern: UInt(number.bitPattern))) }
  /// Adds several numbers.
  package mutating func add(_ more: [Int]) { numbers += [more.count] + more }
  /// Adds a text.
  package mutating func add(_ text: String) { add(text.utf8.map { Int($0) }) }
  /// Adds what another message holds.
  package mutating func add(_ other: Message) { add(other.numbers) }

  /// Takes the last number away.
  mutating func removeLast() -> Int { numbers.removeLast() }

  /// Reads a number; traps at the end.
  package mutating func number() -> Int {
    precondition(position < numbers.count, "Message: nothing left to read")
    position += 1
    return numbers[position - 1]
  }
  /// Reads a number with all its bits.
  package mutating func double() -> Double { Double(bitPattern: UInt64(UInt(bitPattern: number()))) }
  /// Reads several numbers.
  package mutating func list() -> [Int] {
    let count = number()
    precondition(count >= 0 && count <= numbers.count - position, "Message: \(count) numbers, too few are left")
    defer { position += count }
    return Array(numbers[position..<position + count])
  }
  /// Reads a text.
  package mutating func text() -> String {
    String(decoding: list().map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
  }
  /// Reads another message.
  package mutating func message() -> Message {
    var result = Message()
    result.numbers = list()
    return result
  }
}
