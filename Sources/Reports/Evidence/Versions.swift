internal import Datasets
internal import Foundation
internal import Kernels
internal import Support

/// The software versions that a report was made with.
enum Versions {
  static var text: String {
    "Bulkhead\(program.map { " (program of CRC-32 \($0))" } ?? "") built with Swift \(compiler), oneDNN "
      + "\(OneDNN.version) (\(OneDNN.instructionSet)), HDF5 \(Dataset.libraryVersion)"
  }

  /// The CRC-32 of the program's file, in hexadecimal.
  private static var program: String? {
    guard let path = Bundle.main.executablePath, let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      return nil
    }
    return String(CRC32(of: Array(bytes)).value, radix: 16)
  }

  /// Swift code can only test whether the compiler is at least of a version.
  private static var compiler: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }
}
