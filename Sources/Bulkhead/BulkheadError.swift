/// Why a job could not be done: one message with what was found, where, what was expected and what to do.
///
/// Every throwing function of this library throws nothing else. A mistake of the caller that no user's data can cause,
/// such as an index out of range, traps instead.
public struct BulkheadError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of trouble it is; a program can act on it.
  public enum Kind: String, Sendable, CaseIterable {
    /// A file, a directory or something in a file is not there.
    case missing
    /// A file is damaged, a key is unknown, a value makes no sense, or shapes do not fit.
    case invalid
    /// The directory holds a run already.
    case exists
    /// Another process, or another run of this one, works in the directory.
    case locked
    /// The system refused: the disk is full, a permission is missing, a device fails.
    case system
    /// It was asked to stop, and did so with its state saved.
    case cancelled
    /// A loss or a gradient is not finite.
    case diverged
    /// Runs of a study failed; the others are done. Or another process of a group has failed, which has its own error.
    case failed
  }

  /// What kind of trouble it is.
  public let kind: Kind
  /// What was found, where, what was expected and what to do, in a line.
  public let message: String

  /// The message.
  public var description: String { message }

  /// An error of a program that builds on this library.
  public init(_ kind: Kind, _ message: String) { (self.kind, self.message) = (kind, message) }
}
