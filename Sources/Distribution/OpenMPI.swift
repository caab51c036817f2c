internal import Glibc
package import Support
package import Tensors

// This file is the only one of the module with pointers: symbols of a library that is opened at run time, and its buffers.

/// The processes that Open MPI's mpirun started, over its library, which is opened at run time.
///
/// An error of MPI ends all processes, as its default error handler does. Tested with Open MPI 4.1.
package final class OpenMPI: Communicator {
  /// The number of this process, from 0 on.
  package let rank: Int
  /// The number of processes.
  package let size: Int
  private let calls: Calls

  private static let library = "libmpi.so.40"
  /// The most elements of one call: counts and places are 32-bit numbers.
  private static let most = 1 << 28

  /// Joins the others; the only call of a process.
  ///
  /// - Throws: `FileError` where the library cannot be opened or is not Open MPI's.
  package init() throws(FileError) {
    // Its components look for its symbols, which the program does not link.
    guard let library = unsafe dlopen(Self.library, RTLD_NOW | RTLD_GLOBAL) else {
      let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "unknown"
      throw FileError(
        what: "mpirun started several processes, and the library of Open MPI cannot be opened: \(reason)",
        path: Self.library, expected: "Open MPI 4.1 or later", action: "install it (openmpi-bin)", kind: .missing)
    }
    calls = try unsafe Calls(library)
    (rank, size) = try calls.begin()
  }

  /// What each process gives, in the order of ranks.
  package func gathered(_ bytes: [UInt8]) -> [[UInt8]] {
    let counts = calls.gather([Int64(bytes.count)], counts: Array(repeating: 1, count: size), .long).map { Int($0) }
    precondition(counts.reduce(0, +) <= Int(Int32.max), "OpenMPI: messages of \(counts) bytes")
    let all = calls.gather(bytes, counts: counts, .byte)
    var start = 0
    return counts.map { count in
      defer { start += count }
      return Array(all[start..<start + count])
    }
  }

  /// The elements of all processes in the order of ranks, a vector.
  package func gathered(_ own: Tensor, counts: [Int]) -> Tensor {
    precondition(counts.count == size && counts[rank] == own.count, "OpenMPI: \(own.count) elements for \(counts)")
    let total = counts.reduce(0, +)
    var result = Tensor(uninitialized: [total])
    guard total > Self.most else {
      own.withSpan { own in
        result.withMutableSpan { result in calls.gather(own, into: &result, counts: counts) }
      }
      return result
    }
    var start = 0
    for (root, count) in counts.enumerated() {
      result.withMutableSpan(of: start..<start + count) { part in
        if root == rank { own.withSpan { own in for index in own.indices { part[index] = own[index] } } }
        broadcast(&part, from: root)
      }
      start += count
    }
    return result
  }

  /// Gives each process its own elements and returns those that all have for this one, in the order of ranks.
  package func exchanged(_ own: Tensor, sending: [Int], receiving: [Int]) -> Tensor {
    var result = Tensor(uninitialized: [receiving.reduce(0, +)])
    precondition(
      sending.reduce(0, +) == own.count && max(own.count, result.count) <= Int(Int32.max),
      "OpenMPI: \(own.count) elements to \(sending), \(result.count) from \(receiving)")
    own.withSpan { own in
      result.withMutableSpan { result in calls.exchange(own, sending, into: &result, receiving) }
    }
    return result
  }

  /// Replaces a tensor's elements by those that process 0 has.
  package func broadcast(_ tensor: inout Tensor) { tensor.withMutableSpan { broadcast(&$0, from: 0) } }

  private func broadcast(_ values: inout MutableSpan<Float>, from root: Int) {
    for start in stride(from: 0, to: values.count, by: Self.most) {
      calls.broadcast(&values, start..<min(start + Self.most, values.count), from: root)
    }
  }

  /// Leaves the group once all processes do.
  package func finish() { calls.end() }

  /// Ends all processes with an exit code.
  package func abort(_ code: Int32) -> Never {
    calls.abort(code)
    _exit(code)
  }
}

/// The functions of MPI and its handles.
@safe private struct Calls: Sendable {
  private typealias Handle = UnsafeMutableRawPointer
  private typealias Initialize =
    @convention(c) (Handle?, Handle?, Int32, UnsafeMutablePointer<Int32>) -> Int32
  private typealias Number = @convention(c) (Handle, UnsafeMutablePointer<Int32>) -> Int32
  private typealias Gather =
    @convention(c) (
      UnsafeRawPointer?, Int32, Handle, UnsafeMutableRawPointer?, UnsafePointer<Int32>, UnsafePointer<Int32>, Handle,
      Handle
    ) -> Int32
  private typealias Exchange =
    @convention(c) (
      UnsafeRawPointer?, UnsafePointer<Int32>, UnsafePointer<Int32>, Handle, UnsafeMutableRawPointer?,
      UnsafePointer<Int32>, UnsafePointer<Int32>, Handle, Handle
    ) -> Int32
  private typealias Broadcast = @convention(c) (UnsafeMutableRawPointer?, Int32, Handle, Int32, Handle) -> Int32
  private typealias Abort = @convention(c) (Handle, Int32) -> Int32
  private typealias Finalize = @convention(c) () -> Int32

  /// Types of elements.
  enum Kind { case byte, long, float }

  private nonisolated(unsafe) let world: Handle
  private nonisolated(unsafe) let byte: Handle
  private nonisolated(unsafe) let long: Handle
  private nonisolated(unsafe) let float: Handle
  private nonisolated(unsafe) let initialize: Initialize
  private nonisolated(unsafe) let rank: Number
  private nonisolated(unsafe) let size: Number
  private nonisolated(unsafe) let allGather: Gather
  private nonisolated(unsafe) let allToAll: Exchange
  private nonisolated(unsafe) let bcast: Broadcast
  private nonisolated(unsafe) let stop: Abort
  private nonisolated(unsafe) let finalize: Finalize

  init(_ library: UnsafeMutableRawPointer) throws(FileError) {
    func symbol(_ name: String) throws(FileError) -> Handle {
      guard let symbol = unsafe dlsym(library, name) else {
        throw FileError(
          what: "the library has no \(name)", path: "libmpi.so.40", expected: "Open MPI 4.1 or later",
          action: "use Open MPI's mpirun and library")
      }
      return unsafe symbol
    }
    unsafe world = try symbol("ompi_mpi_comm_world")
    unsafe byte = try symbol("ompi_mpi_byte")
    unsafe long = try symbol("ompi_mpi_int64_t")
    unsafe float = try symbol("ompi_mpi_float")
    unsafe initialize = try unsafeBitCast(symbol("MPI_Init_thread"), to: Initialize.self)
    unsafe rank = try unsafeBitCast(symbol("MPI_Comm_rank"), to: Number.self)
    unsafe size = try unsafeBitCast(symbol("MPI_Comm_size"), to: Number.self)
    unsafe allGather = try unsafeBitCast(symbol("MPI_Allgatherv"), to: Gather.self)
    unsafe allToAll = try unsafeBitCast(symbol("MPI_Alltoallv"), to: Exchange.self)
    unsafe bcast = try unsafeBitCast(symbol("MPI_Bcast"), to: Broadcast.self)
    unsafe stop = try unsafeBitCast(symbol("MPI_Abort"), to: Abort.self)
    unsafe finalize = try unsafeBitCast(symbol("MPI_Finalize"), to: Finalize.self)
  }

  /// Starts MPI, for calls from one thread at a time; returns rank and size.
  func begin() throws(FileError) -> (rank: Int, size: Int) {
    var (level, own, all) = (Int32(0), Int32(0), Int32(0))
    let serialized: Int32 = 2
    guard unsafe initialize(nil, nil, serialized, &level) == 0, level >= serialized,
      unsafe rank(world, &own) == 0, unsafe size(world, &all) == 0
    else {
      throw FileError(
        what: "MPI cannot start for calls from several threads", path: "libmpi.so.40",
        action: "use an Open MPI that was built with threads")
    }
    return (Int(own), Int(all))
  }

  private func handle(_ kind: Kind) -> Handle {
    switch kind {
    case .byte: unsafe byte
    case .long: unsafe long
    case .float: unsafe float
    }
  }

  private static func places(_ counts: [Int]) -> (counts: [Int32], starts: [Int32]) {
    var start: Int32 = 0
    let counts = counts.map { Int32($0) }
    return (
      counts,
      counts.map { count in
        defer { start += count }
        return start
      }
    )
  }

  /// What all give, in the order of ranks.
  func gather<Value: BitwiseCopyable & ExpressibleByIntegerLiteral>(
    _ own: [Value], counts: [Int], _ kind: Kind
  ) -> [Value] {
    var result = [Value](repeating: 0, count: counts.reduce(0, +))
    let (counts, starts) = Self.places(counts)
    unsafe own.withUnsafeBytes { own in
      unsafe result.withUnsafeMutableBytes { result in
        unsafe expect(
          allGather(
            own.baseAddress, Int32(own.count / MemoryLayout<Value>.stride), handle(kind), result.baseAddress, counts,
            starts,
            handle(kind), world))
      }
    }
    return result
  }

  /// What all give, in the order of ranks.
  func gather(_ own: Span<Float>, into result: inout MutableSpan<Float>, counts: [Int]) {
    let (counts, starts) = Self.places(counts)
    unsafe own.withUnsafeBytes { own in
      unsafe result.withUnsafeMutableBytes { result in
        unsafe expect(
          allGather(
            own.baseAddress, Int32(own.count / 4), float, result.baseAddress, counts, starts, float, world))
      }
    }
  }

  /// What all have for this process, in the order of ranks.
  func exchange(_ own: Span<Float>, _ sending: [Int], into result: inout MutableSpan<Float>, _ receiving: [Int]) {
    let (sent, sentStarts) = Self.places(sending)
    let (received, starts) = Self.places(receiving)
    unsafe own.withUnsafeBytes { own in
      unsafe result.withUnsafeMutableBytes { result in
        unsafe expect(
          allToAll(own.baseAddress, sent, sentStarts, float, result.baseAddress, received, starts, float, world))
      }
    }
  }

  /// Replaces a range of values by those of a process.
  func broadcast(_ values: inout MutableSpan<Float>, _ range: Range<Int>, from root: Int) {
    unsafe values.withUnsafeMutableBytes { values in
      unsafe expect(
        bcast(
          values.baseAddress.map { unsafe $0 + 4 * range.lowerBound }, Int32(range.count), float, Int32(root), world))
    }
  }

  /// Ends MPI once all processes do.
  func end() { _ = unsafe finalize() }

  /// Ends all processes.
  func abort(_ code: Int32) { _ = unsafe stop(world, code) }

  /// The default error handler has ended the processes before an error could be seen here.
  private func expect(_ code: Int32) { precondition(code == 0, "MPI failed with code \(code)") }
}
