internal import Foundation
internal import Support
internal import Tensors

/// A `.safetensors` file: 8 bytes of header length, a JSON header of names, types, shapes and places, and the values.
enum SafeTensors {
  /// The longest header that is read; one of 100,000 tensors has half of that.
  private static let headerLimit = 16 << 20

  /// A tensor's entry in the header.
  private struct Entry: Codable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]
  }

  /// Whether a file that begins so may be one: a length that fits, and JSON after it.
  static func isLikely(_ head: [UInt8], size: Int) -> Bool {
    guard head.count > 8, head[8] == UInt8(ascii: "{") else { return false }
    let length = head[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return length <= headerLimit
  }

  /// Reads the header and checks every place in it.
  ///
  /// - Throws: `FileError` for a damaged header, places that overlap, leave gaps or exceed the file, and a file that
  ///   declares another format than torch's.
  static func open(
    _ path: String, forced: FlattenOrder?
  ) throws(FileError) -> (WeightsListing, ByteStore) {
    let file = try RawFile(reading: path)
    func damaged(_ what: String) -> FileError {
      FileError(
        what: "damaged safetensors file: \(what)", path: path, action: "it may be truncated; copy or make it again")
    }
    guard file.size >= 8 else { throw damaged("\(file.size) bytes, expected at least 8") }
    let length = try file.read(1, of: UInt64.self, at: 0)[0]
    guard length <= headerLimit, Int(length) <= file.size - 8 else {
      throw damaged("its header of \(length) bytes exceeds \(file.size) bytes")
    }
    let header = try file.read(Int(length), of: UInt8.self, at: 8)
    guard let object = try? JSONSerialization.jsonObject(with: Data(header)) as? [String: Any] else {
      throw damaged("its header is not a JSON object")
    }
    let notes = object["__metadata__"] as? [String: String] ?? [:]
    if let format = notes["format"], format != "pt", format != "np" {
      throw FileError(
        what: "its metadata declare the format \(format)", path: path, expected: "pt, torch's layout",
        action: "convert it with the program that wrote it")
    }
    let start = 8 + Int(length)
    var entries: [(entry: ByteStore.Entry, end: Int)] = []
    for (name, value) in object where name != "__metadata__" {
      guard let fields = value as? [String: Any], let type = fields["dtype"] as? String,
        let shape = fields["shape"] as? [Int], let offsets = fields["data_offsets"] as? [Int], offsets.count == 2
      else { throw damaged("the entry of \(name) has not dtype, shape and data_offsets") }
      guard let count = ByteStore.Entry.count(of: shape), offsets[0] >= 0, offsets[0] <= offsets[1],
        offsets[1] <= file.size - start
      else {
        throw damaged("\(name) of shape \(shape) is at \(offsets), and \(file.size - start) bytes follow the header")
      }
      let element = elements[type]
      if let element {
        guard count == (offsets[1] - offsets[0]) / element.size, (offsets[1] - offsets[0]) % element.size == 0 else {
          throw damaged("\(name) has \(offsets[1] - offsets[0]) bytes for shape \(shape) of \(type)")
        }
      }
      let entry = ByteStore.Entry(
        name: name, shape: shape, element: element, type: element?.rawValue ?? type, offset: start + offsets[0])
      entries.append((entry, start + offsets[1]))
    }
    entries.sort { ($0.entry.offset, $0.end) < ($1.entry.offset, $1.end) }
    if let first = entries.first, first.entry.offset != start {
      throw damaged("\(first.entry.offset - start) bytes before \(first.entry.name) belong to no tensor")
    }
    for (previous, next) in zip(entries, entries.dropFirst()) where next.entry.offset != previous.end {
      let (one, other) = (previous.entry.name, next.entry.name)
      throw damaged(
        next.entry.offset < previous.end
          ? "\(one) and \(other) overlap"
          : "\(next.entry.offset - previous.end) bytes between \(one) and \(other) belong to no tensor")
    }
    guard entries.last?.end ?? start == file.size else {
      throw damaged("\(file.size) bytes, expected \(entries.last?.end ?? start)")
    }
    let keys = entries.map {
      TorchLayout.Key(key: $0.entry.name, path: $0.entry.name, shape: $0.entry.shape, type: $0.entry.type)
    }
    var listing = WeightsListing(
      layout: "safetensors", order: forced ?? .chw, tensors: TorchLayout.tensors(of: keys))
    listing.leftovers = TorchLayout.leftovers(of: keys)
    return (listing, ByteStore(file, entries.map(\.entry), notes: notes))
  }

  private static let elements: [String: ByteStore.Entry.Element] = [
    "F32": .float32, "F64": .float64, "F16": .float16, "BF16": .bfloat16,
  ]

  /// Writes a dictionary of tensors; the file appears whole or not at all.
  ///
  /// - Throws: `FileError` where it cannot be written or the disk is full; the previous file is then untouched.
  static func write(
    _ dictionary: [(key: String, tensor: RearrangedTensor)], notes: [String: String], to path: String
  ) throws(FileError) {
    var header: [String: Entry] = [:]
    var offset = 0
    for (key, tensor) in dictionary {
      let end = offset + 4 * tensor.shape.reduce(1, *)
      header[key] = Entry(dtype: "F32", shape: tensor.shape, data_offsets: [offset, end])
      offset = end
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let metadata = try? encoder.encode(notes.merging(["format": "pt"]) { $1 }),
      let entries = try? encoder.encode(header)
    else { throw FileError(what: "the names of its tensors are no text", path: path) }
    let separator = header.isEmpty ? "}" : ","
    var bytes = Array("{\"__metadata__\":".utf8) + metadata + Array(separator.utf8) + entries.dropFirst()
    if header.isEmpty { bytes.removeLast() }
    bytes += repeatElement(UInt8(ascii: " "), count: (8 - bytes.count % 8) % 8)
    let temporary = try AtomicFile(replacing: path)
    let beginning = (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) } + bytes
    try temporary.file.write(beginning.span, at: 0)
    var place = beginning.count
    for (_, tensor) in dictionary {
      try tensor.withBlocks { block throws(FileError) in
        try block.withSpan { values throws(FileError) in try temporary.file.write(values, at: place) }
        place += block.count * MemoryLayout<Float>.stride
      }
    }
    try temporary.putInPlace()
  }
}
