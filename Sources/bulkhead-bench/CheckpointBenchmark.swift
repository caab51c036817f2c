internal import Dispatch
internal import Foundation
internal import Kernels
internal import Support
internal import Tensors
internal import Training
internal import Weights

/// Times a checkpoint and its lower bounds: a copy in memory, and a plain write of the same size to the same disk.
package struct CheckpointBenchmark: Sendable {
  /// The size of parameters and velocities, in millions of bytes.
  package var megabytes: Int
  /// The directory of the files, which are removed afterwards.
  package var folder: String

  /// A benchmark of a size in a directory.
  package init(megabytes: Int, folder: String) {
    (self.megabytes, self.folder) = (megabytes, folder)
  }

  /// Milliseconds of one round.
  package struct Times: Sendable {
    /// The pause of a run at a save whose memory was allocated ahead.
    package var stall = 0.0
    /// The pause if the memory must be allocated first.
    package var coldStall = 0.0
    /// A copy into allocated memory, on the same number of threads.
    package var copy = 0.0
    /// The save: write, read back, seal, flush.
    package var save = 0.0
    /// A plain write of the same size, flushed.
    package var disk = 0.0
  }

  /// The times of each round.
  ///
  /// - Throws: `FileError` if the disk fails.
  package func run(rounds: Int) throws -> [Times] {
    let layers = 8
    let count = megabytes * 1_000_000 / (2 * layers * MemoryLayout<Float>.stride)
    let names = (0..<layers).map { "head.fc\($0).weight" }
    let parameters = Parameters(names.map { ($0, Tensor(repeating: 1, shape: [1, count])) })
    let path = folder + "/checkpoint.h5"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try (0..<rounds).map { round in
      // Other bytes in each round, so that no cache can recognize them.
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
