/// The same on a thread of their own: cancelling the task ends them.
extension TransferStudy {
  /// Does what is not done yet on a thread of its own; cancelling the task ends it with every run's state saved.
  ///
  /// - Parameters:
  ///   - executable: the path of the program `bulkhead` of the same version, which does each run.
  ///   - onEvent: called on that thread.
  /// - Throws: ``BulkheadError``, as the synchronous function does.
  @discardableResult
  public func run(
    executable: String, onEvent: @escaping @Sendable (Event) -> Void = { _ in }
  ) async throws(BulkheadError) -> Findings {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try run(executable: executable, onEvent: onEvent, isCancelled: isCancelled)
    }
  }

  /// What the runs that are done come to; distances that are not known are measured, on a thread of its own.
  ///
  /// - Parameter onEvent: called on that thread.
  /// - Throws: ``BulkheadError``, as the synchronous function does.
  public func findings(
    onEvent: @escaping @Sendable (Event) -> Void = { _ in }
  ) async throws(BulkheadError) -> Findings {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try findings(onEvent: onEvent, isCancelled: isCancelled)
    }
  }
}
