import Foundation
import Testing

/// The program as a process, with its two streams and its exit code.
struct Command {
  let status: Int32
  let output: String
  let errors: String

  /// The path of the program.
  static func executable() throws -> URL {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let program = tests.deletingLastPathComponent().appendingPathComponent("bulkhead")
    try #require(FileManager.default.isExecutableFile(atPath: program.path))
    return program
  }

  init(_ arguments: String..., of program: URL? = nil, in directory: String? = nil) throws {
    try self.init(arguments, of: program, in: directory)
  }

  init(
    _ arguments: [String], of program: URL? = nil, in directory: String? = nil, environment: [String: String] = [:]
  ) throws {
    let process = Process()
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.executableURL = try program ?? Self.executable()
    process.arguments = arguments
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    self.errors = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationStatus
  }
}

/// A fresh directory, removed after `body`.
func withDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

/// Writes `a.csv`: rows of 8 × 8 pictures, then their class, which decides which half is bright.
func writeHalves(_ count: Int, in directory: String) throws {
  let rows = (0..<count).map { image in
    let pixels = (0..<64).map { ($0 / 32 == image % 2 ? 150 : 20) + ($0 * 7 + image * 13) % 80 }
    return (pixels + [image % 2]).map(String.init).joined(separator: ",")
  }
  try Data(rows.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: directory + "/a.csv"))
}

/// Writes `a.csv`: 20 rows of 2 × 2 pictures, then their class, 0 or 1.
func writeTwenty(in directory: String) throws {
  let rows = (0..<20).map { "\($0),\(10 * $0),7,\(255 - $0),\($0 % 2)" }.joined(separator: "\n")
  try Data(rows.utf8).write(to: URL(fileURLWithPath: directory + "/a.csv"))
}
