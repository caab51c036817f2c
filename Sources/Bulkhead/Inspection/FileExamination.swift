internal import Foundation
internal import Glibc
internal import HDF5
package import Support
internal import Weights

/// Looks through a file of a stranger before anything else opens it, in a process that may die of it.
package enum FileExamination {
  /// Bytes of memory that looking may take beyond what the process has.
  private static let memoryLimit = 2 << 30

  /// Seconds of processor time that looking through a file of so many bytes may take.
  package static func timeLimit(bytes: Int) -> Int { 5 + bytes / (16 << 20) }

  /// Limits this process for ever, then looks through the whole file; it may crash on the way.
  ///
  /// - Throws: `FileError` for the first thing that is wrong with it.
  package static func run(_ path: String) throws(FileError) {
    let file = try RawFile(reading: path)
    try limit(RLIMIT_CPU, to: timeLimit(bytes: file.size))
    try limit(RLIMIT_AS, to: addressSpace() + memoryLimit)
    try limit(RLIMIT_CORE, to: 0)
    if try WeightsFormat(of: path)?.isHDF5 != false {
      _ = try withFileErrors { () throws(HDF5Error) in try HDF5File(opening: path).examine() }
    }
    _ = try FileContents(of: path)
  }

  private static func limit(_ resource: __rlimit_resource, to value: Int) throws(FileError) {
    var limits = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
    guard unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &limits) == 0 else {
      throw FileError(
        what: "a limit of this process cannot be set (\(FileError.reason()))", path: "setrlimit",
        kind: .system)
    }
  }

  /// Bytes of addresses that this process has taken.
  private static func addressSpace() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").first.flatMap { Int($0) } ?? 0
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }
}
