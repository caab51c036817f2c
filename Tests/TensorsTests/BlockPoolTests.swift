import Tensors
import Testing

@Suite struct BlockPoolTests {
  /// Bytes in use, kept, and the most that were in use.
  private func numbers(_ pool: BlockPool) -> [Int] { [pool.usage.used, pool.usage.kept, pool.usage.most] }

  @Test func aBlockServesTheNextOfItsSize() throws {
    let pool = BlockPool()
    let first = try #require(pool.take(4096))
    let other = try #require(pool.take(4096))
    #expect(first != other && numbers(pool) == [8192, 0, 8192])
    pool.give(first, 4096)
    #expect(numbers(pool) == [4096, 4096, 8192])
    #expect(pool.take(4096) == first)
    #expect(numbers(pool) == [8192, 0, 8192])
    pool.give(first, 4096)
    pool.give(other, 4096)
    // The newest is the likeliest to lie in a cache.
    #expect(pool.take(4096) == other && pool.take(4096) == first)
    pool.give(first, 4096)
    pool.give(other, 4096)
  }

  /// Whatever comes in whatever order, no more is held than was in use at once.
  @Test func neverMoreThanWasInUse() throws {
    let pool = BlockPool()
    var stream = RandomStream(seed: 5)
    var held: [(memory: UnsafeMutableRawPointer, bytes: Int)] = []
    var (used, most, isKept) = (0, 0, false)
    for _ in 0..<5000 {
      if held.isEmpty || stream.integer(below: 20) < 11 {
        let bytes = 64 * (1 + stream.integer(below: 12))
        held.append((try #require(pool.take(bytes)), bytes))
        held[held.count - 1].memory.storeBytes(of: 7, toByteOffset: bytes - 1, as: UInt8.self)
        used += bytes
        most = max(most, used)
      } else {
        let block = held.remove(at: stream.integer(below: held.count))
        pool.give(block.memory, block.bytes)
        used -= block.bytes
      }
      let usage = pool.usage
      #expect(usage.used == used && usage.most == most && usage.used + usage.kept <= most)
      isKept = isKept || usage.kept > 0
      #expect(Set(held.map(\.memory)).count == held.count)
    }
    #expect(isKept)
    for block in held { pool.give(block.memory, block.bytes) }
  }

  @Test func whatCannotBeHadIsNil() throws {
    let pool = BlockPool()
    pool.give(try #require(pool.take(4096)), 4096)
    #expect(pool.take(1 << 62) == nil)
    #expect(numbers(pool) == [0, 0, 4096])
  }
}
