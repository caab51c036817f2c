internal import CZlib

/// Inflates deflated data (RFC 1951), bare or in the members of a gzip file.
@safe struct InflateStream: ~Copyable {
  /// What is around the deflated data.
  enum Wrapping {
    case none, gzip

    /// zlib's `windowBits`.
    fileprivate var windowBits: Int32 {
      switch self {
      case .none: -15
      case .gzip: 15 + 16
      }
    }
  }

  private let stream: UnsafeMutablePointer<z_stream>

  /// A stream; `nil` if zlib has no memory.
  init?(_ wrapping: Wrapping) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let status = unsafe inflateInit2_(
      stream, wrapping.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      unsafe stream.deallocate()
      return nil
    }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Begins another member.
  func reset() { unsafe inflateReset(stream) }

  /// - Returns: the number of bytes read and written, and zlib's status.
  func inflate(_ input: ArraySlice<UInt8>, into window: inout [UInt8]) -> (read: Int, written: Int, status: Int32) {
    unsafe input.withUnsafeBufferPointer { input in
      unsafe window.withUnsafeMutableBufferPointer { output in
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = output.baseAddress
        unsafe stream.pointee.avail_out = UInt32(output.count)
        let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        return unsafe (
          input.count - Int(stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out), status
        )
      }
    }
  }
}
