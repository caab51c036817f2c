internal import Dispatch
internal import Foundation
internal import Kernels
internal import Support
internal import Tensors
internal import Training
internal import Weights

/// Times a checkpoint beside what it cannot do without: a copy in memory, and the same bytes on the same disk.
package struct CheckpointBenchmark: Sendable {
  package var threads: Int
  /// Bytes of parameters and velocities together, in millions.
  package var megabytes: Int
  /// Where the files go; they are removed.
  package var folder: String

  package init(threads: Int, megabytes: Int, folder: String) {
    (self.threads, self.megabytes, self.folder) = (threads, megabytes, folder)
  }

  /// Milliseconds of one round.
  package struct Times: Sendable {
    /// What a run waits for at a save whose room was made ahead.
    package var stall = 0.0
    /// The same where room must be made first.
    package var coldStall = 0.0
    /// A copy into memory that is there, on as many threads.
    package var copy = 0.0
    /// The save itself: written, read back, sealed, flushed.
    package var save = 0.0
    /// As many bytes written and flushed.
    package var disk = 0.0
  }

  /// - Throws: `FileError` or `FileError` where the disk does not take them.
  package func run(rounds: Int) throws -> [Times] {
    ThreadPool.configure(threads: threads)
    let layers = 8
    let count = megabytes * 1_000_000 / (2 * layers * MemoryLayout<Float>.stride)
    let names = (0..<layers).map { "head.fc\($0).weight" }
    let parameters = Parameters(names.map { ($0, Tensor(repeating: 1, shape: [1, count])) })
    let path = folder + "/checkpoint.h5"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try (0..<rounds).map { round in
      // Other bits in each round, so that no layer below can take them for known.
      let velocities = Parameters(
        names.map { ("velocity/" + $0, Tensor(repeating: Float(round), shape: [1, count])) })
      var times = Times()
      var snapshot = Snapshot(parameters.shapes, optimizer: velocities.shapes, trained: Set(names))
      times.stall = Self.milliseconds { snapshot.take(parameters, velocities) }
      times.copy = Self.milliseconds { snapshot.take(parameters, velocities) }
      let checkpoint = Checkpoint(parameters: snapshot.parameters, optimizer: snapshot.optimizer, state: "{}")
      times.save = try Self.milliseconds { try checkpoint.write(to: path) }
      times.coldStall = Self.milliseconds {
        var cold = Snapshot(parameters.shapes, optimizer: velocities.shapes, trained: Set(names))
        cold.take(parameters, velocities)
      }
      times.disk = try Self.milliseconds { try writePlainly(round) }
      return times
    }
  }

  private func writePlainly(_ round: Int) throws {
    let plain = folder + "/plain"
    defer { try? FileManager.default.removeItem(atPath: plain) }
    try TextFile.write("", to: plain)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: plain))
    let block = Data(repeating: UInt8(truncatingIfNeeded: round + 1), count: 1_000_000)
    for _ in 0..<megabytes { try handle.write(contentsOf: block) }
    try handle.synchronize()
    try handle.close()
  }

  private static func milliseconds(_ body: () throws -> Void) rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    try body()
    return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-6
  }
}
