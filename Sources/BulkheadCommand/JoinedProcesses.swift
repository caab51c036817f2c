import Bulkhead
import Distribution
import Foundation
import Support
import Training

/// The processes that mpirun started for one command.
enum JoinedProcesses {
  /// Does a command's work in all processes, and ends all of them where it fails in one.
  ///
  /// What all processes agree on, a stop request or a number that is not finite, ends each with its code; the first one says
  /// why. Otherwise the process that failed says why and ends the others.
  static func work(_ body: (any Communicator) throws -> Void) throws {
    let processes = try Launch().joined()
    guard processes.size > 1 else { return try body(processes) }
    do { try body(processes) } catch let error as ElsewhereFailed {
      // That process ends this one.
      wait(seconds: 60)
      MainCommand.end(with: error, of: processes)
    } catch  where error is Interruption || error is Divergence {
      processes.finish()
      if processes.isFirst { throw error }
      MainCommand.leave((ExitStatus(of: error) ?? .internal).rawValue)
    } catch {
      MainCommand.end(with: error, of: processes)
    }
    processes.finish()
  }

  /// Waits, whatever signals come.
  static func wait(seconds: Double) {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.1) }
  }
}
