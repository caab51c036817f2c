internal import Foundation
package import Support

/// How a launcher such as mpirun started this process.
package struct Launch: Sendable, Equatable {
  /// The number of this process, from 0 on.
  package let rank: Int
  /// The number of processes.
  package let size: Int
  /// Whether Open MPI's mpirun started it.
  let isOpenMPI: Bool

  /// What the environment says; a process that no launcher started is alone.
  package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    isOpenMPI = environment["OMPI_COMM_WORLD_SIZE"] != nil
    size = max(number("OMPI_COMM_WORLD_SIZE") ?? number("PMI_SIZE") ?? 1, 1)
    rank = min(max(number("OMPI_COMM_WORLD_RANK") ?? number("PMI_RANK") ?? 0, 0), size - 1)
  }

  /// Joins the processes that were started together.
  ///
  /// - Throws: `FileError` where they were not started by Open MPI, or its library cannot be opened.
  package func joined() throws(FileError) -> any Communicator {
    guard size > 1 else { return SingleProcess() }
    guard isOpenMPI else {
      throw FileError(
        message: "\(size) processes were started by another MPI than Open MPI (PMI_SIZE is set); use Open MPI's mpirun",
        kind: .badData)
    }
    return try OpenMPI()
  }
}
