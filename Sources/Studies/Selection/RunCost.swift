internal import Support
package import Training

/// The cost of a run; it depends on the machine, so it is kept apart from results.
package struct RunCost: Codable, Sendable, Equatable {
  /// Wall-clock seconds over all processes that worked on the run.
  package var seconds: Double
  /// Peak memory of such a process, in bytes.
  package var peakBytes: Int

  /// A cost that is known.
  package init(seconds: Double, peakBytes: Int) { (self.seconds, self.peakBytes) = (seconds, peakBytes) }

  /// Adds this process's share to a run's `cost.json`.
  package static func note(seconds: Double, in run: RunDirectory) throws {
    let before = run.loadCost()
    let cost = RunCost(
      seconds: (before?.seconds ?? 0) + seconds, peakBytes: max(before?.peakBytes ?? 0, peakOfThisProcess ?? 0))
    try JSONFile.write(cost, to: run.cost)
  }

  /// Linux's own count, in proc(5).
  private static var peakOfThisProcess: Int? {
    let line = (try? TextFile.read("/proc/self/status"))?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1024 }
  }
}

extension RunDirectory {
  /// What the run took.
  package var cost: String { file("cost.json") }

  /// What the run took; nil where that is not known.
  package func loadCost() -> RunCost? { try? JSONFile.read(RunCost.self, from: cost) }
}
