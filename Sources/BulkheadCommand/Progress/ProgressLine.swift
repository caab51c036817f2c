import Support

/// The progress of a long task: a bar on a terminal, occasional plain lines elsewhere.
///
/// It holds neither clock nor stream: times in seconds come with each call, texts go to `write`.
package struct ProgressLine {
  /// Where progress is shown.
  package enum Surface: Sendable, Equatable {
    /// A terminal of that many columns: one line, drawn over.
    case terminal(columns: Int)
    /// Anything else: whole lines.
    case plain
  }

  /// Seconds between drawings of the bar, and between plain lines.
  private static let pauses = (terminal: 0.1, plain: 10.0)

  private let title: String
  private let unit: String
  /// The number of units, which may grow during the work; 0 if unknown.
  package var total: Int
  private let start: Double
  private let startedAt: Int
  private let startShare: Double
  private let surface: () -> Surface
  private let write: (String) -> Void
  private var lastShown: Double
  private var hasBar = false

  /// - Parameters:
  ///   - title: what is done, a word or two.
  ///   - total: the number of units; 0 if unknown.
  ///   - startedAt: how many are done already, from an earlier run.
  ///   - startShare: the share of the work that is done already, where units differ in work.
  ///   - unit: what is counted, in the plural.
  package init(
    _ title: String, total: Int, startedAt: Int = 0, startShare: Double? = nil, unit: String, now: Double,
    surface: @escaping () -> Surface,
    write: @escaping (String) -> Void
  ) {
    (self.title, self.unit, self.total, self.start, self.startedAt) = (title, unit, total, now, startedAt)
    (self.surface, self.write) = (surface, write)
    self.startShare = startShare ?? (total > 0 ? Double(startedAt) / Double(total) : 0)
    lastShown = now - Self.pauses.terminal
  }

  /// Shows that `done` units are done, unless something was shown a moment ago.
  /// - Parameters:
  ///   - share: the share of the work that is done, where units differ in work.
  ///   - note: additional information, such as `loss 0.123`.
  package mutating func update(done: Int, share: Double? = nil, note: String = "", now: Double) {
    let surface = surface()
    switch surface {
    case .terminal where now - lastShown >= Self.pauses.terminal,
      .plain where now - lastShown >= Self.pauses.plain:
      show(done: done, share: share, note: note, now: now, on: surface)
    default: break
    }
  }

  /// Shows the end, always.
  package mutating func finish(done: Int, note: String = "", now: Double) {
    show(done: done, share: nil, note: note, now: now, on: surface(), isLast: true)
    if hasBar { write("\n") }
    hasBar = false
  }

  /// Writes a line that stays, above the bar.
  package mutating func say(_ line: String) {
    write((hasBar ? "\r\u{1B}[2K" : "") + line + "\n")
    hasBar = false
  }

  private mutating func show(
    done: Int, share: Double?, note: String, now: Double, on surface: Surface, isLast: Bool = false
  ) {
    lastShown = now
    let elapsed = max(now - start, 0)
    let share = share ?? (total > 0 ? Double(done) / Double(total) : 0)
    let rate = elapsed > 0 ? Double(done - startedAt) / elapsed : 0
    var words = [total > 0 ? "\(done)/\(total) \(unit)" : "\(done) \(unit)"]
    if rate > 0 { words.append("\(rate.formatted(digits: rate < 10 ? 1 : 0))/s") }
    if !note.isEmpty { words.append(note) }
    if isLast {
      words.append("in \(Self.time(elapsed))")
    } else if share > startShare, share < 1 {
      words.append("\(Self.time((1 - share) / (share - startShare) * elapsed)) left")
    }
    let text = words.joined(separator: "  ")
    switch surface {
    case .plain: write("\(title)  \(text)\n")
    case .terminal(let columns):
      // One column stays free, so that no terminal wraps the line.
      let room = min(columns - 1 - title.count - text.count - 4, 40)
      let bar = total > 0 && room >= 8 ? Self.bar(share, width: room) + "  " : ""
      write("\r\u{1B}[2K" + String("\(title)  \(bar)\(text)".prefix(max(columns - 1, 1))))
      hasBar = true
    }
  }

  private static func bar(_ share: Double, width: Int) -> String {
    let full = Int(max(0, min(share, 1)) * Double(width))
    return String(repeating: "━", count: full) + String(repeating: "┄", count: width - full)
  }

  /// Seconds as `0:07`, `12:34` or `1:02:03`.
  package static func time(_ seconds: Double) -> String {
    let whole = Int(max(min(seconds, 359_999) - 0.001, 0).rounded(.up))
    func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0 ? "\(hours):\(padded(minutes)):\(padded(rest))" : "\(minutes):\(padded(rest))"
  }
}
