/// The names of the files that images came from, packed: UTF-8, a zero byte after each, and 4 bytes more per image.
struct FileNames: Sendable {
  /// The most bytes of all names together: 1 GiB.
  static let limit = 1 << 30

  /// The names in the order of the images, a zero byte after each; an empty one means that the image has none.
  private(set) var bytes: [UInt8] = []
  private var starts: [UInt32] = []

  /// No names.
  init() {}

  /// The names in such bytes; `nil` unless these are UTF-8 and `count` names.
  init?(bytes: [UInt8], count: Int) {
    guard bytes.count <= Self.limit, bytes.last ?? 0 == 0, String(validating: bytes, as: UTF8.self) != nil else {
      return nil
    }
    self.bytes = bytes
    starts.reserveCapacity(count)
    var start = 0
    for place in bytes.indices where bytes[place] == 0 {
      starts.append(UInt32(start))
      start = place + 1
    }
    guard starts.count == count else { return nil }
  }

  /// Whether there is no name at all.
  var isEmpty: Bool { bytes.count == starts.count }
  /// The number of images that have a name.
  var namedCount: Int { starts.count { bytes[Int($0)] != 0 } }

  /// Adds the name of the next image, or none.
  /// - Returns: why it cannot be added; nil where it was.
  mutating func add(_ name: String?) -> String? {
    let name = name ?? ""
    guard !name.utf8.contains(0) else { return "a file name with a zero byte" }
    guard bytes.count + name.utf8.count < Self.limit else { return "file names of more than \(Self.limit) bytes" }
    starts.append(UInt32(bytes.count))
    bytes += name.utf8
    bytes.append(0)
    return nil
  }

  /// The name of an image; `nil` where it has none.
  subscript(image: Int) -> String? {
    guard starts.indices.contains(image) else { return nil }
    let start = Int(starts[image])
    let end = image + 1 < starts.count ? Int(starts[image + 1]) : bytes.count
    return start + 1 < end ? String(decoding: bytes[start..<end - 1], as: UTF8.self) : nil
  }
}
