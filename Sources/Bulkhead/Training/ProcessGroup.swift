internal import Distribution

/// The processes that `mpirun -n 4 program` has started, which train a run together.
///
/// All of them make a group once, pass it to the same calls in the same order, and ``leave()`` at the end. The first one alone reads
/// and writes the run's directory. A result is the same to the bit for any number of processes; `docs/cluster.md` tells how a
/// batch is shared. Where a call fails on one process, it throws on all; end each with a code other than 0 then, which ends the
/// others. A program that no launcher started is a group of one.
public struct ProcessGroup: Sendable {
  let communicator: any Communicator

  /// Joins the others; at most once in a process.
  ///
  /// - Throws: ``BulkheadError``: `missing` where Open MPI's library cannot be opened, `invalid` for another MPI.
  public init() throws(BulkheadError) { communicator = try translatingErrors { try Launch().joined() } }

  /// The number of this process, from 0 on.
  public var rank: Int { communicator.rank }
  /// The number of processes.
  public var size: Int { communicator.size }
  /// Leaves the group once all processes do.
  public func leave() { communicator.finish() }
}
