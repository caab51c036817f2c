package import Tensors

#if canImport(Glibc)
  internal import Glibc
#endif

/// A process alone.
package struct SingleProcess: Communicator {
  /// 0.
  package var rank: Int { 0 }
  /// 1.
  package var size: Int { 1 }

  /// The group of this process alone.
  package init() {}

  /// What was given.
  package func gathered(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }
  /// What was given.
  package func gathered(_ own: Tensor, counts: [Int]) -> Tensor { own.reshaped(to: [own.count]) }
  /// What was given.
  package func exchanged(_ own: Tensor, sending: [Int], receiving: [Int]) -> Tensor { own.reshaped(to: [own.count]) }
  /// Does nothing.
  package func broadcast(_ tensor: inout Tensor) {}
  /// Does nothing.
  package func finish() {}
  /// Ends the process.
  package func abort(_ code: Int32) -> Never { _exit(code) }
}
