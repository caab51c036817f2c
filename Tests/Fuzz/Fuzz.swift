import FuzzTargets
import Glibc

#if FUZZING
  /// Called first by libFuzzer: `--target=NAME` selects the reader.
  @_cdecl("LLVMFuzzerInitialize")
  package func initialize(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>>>
  ) -> Int32 {
    _ = Feed.shared
    return 0
  }

  /// Called by libFuzzer with every input.
  @_cdecl("LLVMFuzzerTestOneInput")
  package func readOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    Feed.shared.read(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
  }
#else
  /// Reads inputs that were found before, without libFuzzer: for a debugger, and for coverage.
  @main enum Replay {
    static func main() {
      for path in CommandLine.arguments.dropFirst() where !path.hasPrefix("-") {
        guard let file = fopen(path, "rb") else { continue }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
        Feed.shared.read(bytes)
      }
    }
  }
#endif

/// The reader that this process feeds, and the directory that it works in.
struct Feed {
  static let shared = Feed()
  private let target: FuzzTarget
  private let directory: FuzzDirectory

  private init() {
    let name = CommandLine.arguments.compactMap { $0.hasPrefix("--target=") ? $0.dropFirst(9) : nil }.first
    guard let target = name.flatMap({ FuzzTarget(rawValue: String($0)) }), let directory = try? FuzzDirectory() else {
      let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
      print("usage: Fuzz --target=NAME FILE …; NAME is one of \(names)")
      exit(64)
    }
    (self.target, self.directory) = (target, directory)
    atexit { Feed.shared.directory.remove() }
  }

  func read(_ bytes: [UInt8]) { target.read(bytes, in: directory) }
}
