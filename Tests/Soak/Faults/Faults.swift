internal import Glibc
internal import Synchronization

/// What the soak test does to a process from within; the environment says what.
///
/// - `BULKHEAD_KILL_AT=point:count`: SIGKILL when the point is reached for that time.
/// - `BULKHEAD_REACHED=path`: a line for every point that is reached, and `killed`, point and count before the kill.
/// - `BULKHEAD_FAIL_WRITES=first:count:errno`: so many writes fail, from the first (counted from 1) on.
package enum Faults {
  /// Notes that a point is reached, and ends the process if it is the one.
  package static func reach(_ point: String) {
    let count = reached.withLock { reached in
      reached[point, default: 0] += 1
      return reached[point]!
    }
    note("\(point) \(count)\n")
    if let kill, kill.point == point, kill.count == count {
      note("killed \(point) \(count)\n")
      Glibc.kill(getpid(), SIGKILL)
      // The signal takes every thread; none goes on meanwhile.
      while true { pause() }
    }
  }

  private static func note(_ line: String) {
    if record >= 0 { _ = line.withCString { write(record, $0, strlen($0)) } }
  }

  /// The system's error that the coming write shall have; nil if it shall not fail.
  package static func failureOfNextWrite() -> Int32? {
    guard let failing else { return nil }
    let number = writes.add(1, ordering: .relaxed).newValue
    return number >= failing.first && number < failing.first + failing.count ? failing.code : nil
  }

  private static let reached = Mutex<[String: Int]>([:])
  private static let writes = Atomic<Int>(0)

  private static let kill: (point: String, count: Int)? = {
    guard let words = variable("BULKHEAD_KILL_AT")?.split(separator: ":"), words.count == 2, let count = Int(words[1])
    else { return nil }
    return (String(words[0]), count)
  }()

  private static let failing: (first: Int, count: Int, code: Int32)? = {
    let numbers = variable("BULKHEAD_FAIL_WRITES")?.split(separator: ":").compactMap { Int($0) } ?? []
    return numbers.count == 3 ? (numbers[0], numbers[1], Int32(numbers[2])) : nil
  }()

  private static let record: Int32 =
    variable("BULKHEAD_REACHED").map {
      open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    } ?? -1

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
