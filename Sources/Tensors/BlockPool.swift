internal import Support

#if canImport(Glibc)
  internal import Glibc
#endif

/// Memory of large tensors that were freed, for the next tensors of the same size.
///
/// The system clears every page that it hands out, which each training step would wait for again. Blocks that are kept and
/// blocks in use never exceed the most that was in use at once: before the system is asked for more, the oldest are freed.
package final class BlockPool: Sendable {
  /// The one that tensors use.
  static let shared = BlockPool()

  /// What a pool holds, in bytes.
  package struct Usage: Sendable, Equatable {
    /// Of blocks that were taken and not given back.
    package var used = 0
    /// Of blocks that wait for their next use.
    package var kept = 0
    /// The most that was in use at once.
    package var most = 0
  }

  private struct State {
    var usage = Usage()
    /// The oldest first.
    var blocks: [Block] = []
  }

  private struct Block: Sendable {
    nonisolated(unsafe) let memory: UnsafeMutableRawPointer
    let bytes: Int
  }

  private let state = Locked(State())

  package init() {}

  deinit { state.withLock { Self.release(&$0, downTo: 0) } }

  /// What the pool holds.
  package var usage: Usage { state.withLock { $0.usage } }

  /// A block that was given back with the same size, or else a new one; its content is undefined.
  /// - Returns: nil where the system has no memory, even after all that is kept was freed.
  package func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let (found, before) = state.withLock { state -> (Block?, Int) in
      let before = state.usage.most
      state.usage.used += bytes
      state.usage.most = max(state.usage.most, state.usage.used)
      if let place = state.blocks.lastIndex(where: { $0.bytes == bytes }) {
        state.usage.kept -= bytes
        return (state.blocks.remove(at: place), before)
      }
      Self.release(&state, downTo: state.usage.most - state.usage.used)
      return (nil, before)
    }
    if let found { return found.memory }
    if let memory = malloc(bytes) { return memory }
    state.withLock { Self.release(&$0, downTo: 0) }
    if let memory = malloc(bytes) { return memory }
    state.withLock {
      $0.usage.used -= bytes
      $0.usage.most = before
    }
    return nil
  }

  /// Takes a block back.
  /// - Parameter bytes: as it was taken.
  package func give(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
    let block = Block(memory: memory, bytes: bytes)
    state.withLock {
      $0.usage.used -= bytes
      $0.usage.kept += bytes
      $0.blocks.append(block)
    }
  }

  /// Frees the oldest until no more than `bytes` are kept.
  private static func release(_ state: inout State, downTo bytes: Int) {
    var count = 0
    while state.usage.kept > bytes {
      state.usage.kept -= state.blocks[count].bytes
      free(state.blocks[count].memory)
      count += 1
    }
    state.blocks.removeFirst(count)
  }
}
