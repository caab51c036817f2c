internal import CHDF5

/// The counts of an examination of a whole file.
package struct Examination: Sendable, Equatable {
  /// Groups, the root included.
  package internal(set) var groups = 0
  /// Datasets.
  package internal(set) var datasets = 0
  /// Attributes of all objects.
  package internal(set) var attributes = 0
  /// Numbers and strings that were read.
  package internal(set) var values = 0
}

extension HDF5File {
  /// Reads the whole file: every object once, its attributes, and all numbers and strings.
  ///
  /// A damaged file can crash libhdf5 here: examine untrusted files in a separate process.
  ///
  /// - Throws: `HDF5Error` for the first object that `Guard` refuses or libhdf5 cannot read.
  package func examine() throws(HDF5Error) -> Examination {
    var examiner = Examiner()
    try examiner.attributes(of: self)
    try examiner.contents(of: self)
    return examiner.found
  }
}

/// The state of one examination.
private struct Examiner {
  var found = Examination(groups: 1)
  private var seen: Set<UInt64> = []
  /// The most numbers per read: 32 MiB as Double.
  private static let blockSize = 4 << 20

  /// Everything below a group or the root.
  mutating func contents(of container: borrowing some HDF5Container & ~Copyable) throws(HDF5Error) {
    for child in try container.children() {
      guard child.kind == .group || child.kind == .dataset else { continue }
      guard try isNew(child.name, in: container) else { continue }
      if child.kind == .group {
        let group = try container.group(child.name)
        found.groups += 1
        try attributes(of: group)
        try contents(of: group)
      } else {
        let dataset = try container.dataset(child.name)
        found.datasets += 1
        try attributes(of: dataset)
        try values(of: dataset)
      }
    }
  }

  /// Whether the object of a name was not seen under another name.
  private mutating func isNew(
    _ name: String, in container: borrowing some HDF5Container & ~Copyable
  ) throws(HDF5Error) -> Bool {
    Library.enter()
    defer { Library.leave() }
    var address: UInt64 = 0
    let attempt = container.attempt("examine", name)
    guard h5_object_type(container.identifier, name, &address) >= 0 else { throw attempt.failure() }
    return seen.insert(address).inserted
  }

  mutating func attributes(of object: borrowing some HDF5Object & ~Copyable) throws(HDF5Error) {
    for name in try object.attributeNames() {
      found.attributes += 1
      switch try object.elementType(ofAttribute: name) {
      case .string: found.values += try object.strings(ofAttribute: name).count
      case let type where type.isNumber: found.values += try object.numbers(ofAttribute: name, as: Double.self).count
      default: break
      }
    }
  }

  private mutating func values(of dataset: borrowing HDF5Dataset) throws(HDF5Error) {
    let type = dataset.elementType
    if type == .string {
      found.values += try dataset.readStrings().count
    } else if type.isNumber, dataset.count == 0 {
      _ = try dataset.read(as: Double.self)
    } else if type.isNumber {
      let shape = dataset.shape
      let block = Self.block(of: shape, layout: dataset.layout)
      var offset = shape.map { _ in 0 }
      repeat {
        let count = offset.indices.map { min(block[$0], shape[$0] - offset[$0]) }
        found.values += try dataset.read(as: Double.self, offset: offset, count: count).count
      } while Self.advance(&offset, by: block, within: shape)
    }
  }

  /// The shape of one read: as many whole chunks as fit.
  private static func block(of shape: [Int], layout: HDF5Dataset.Layout) -> [Int] {
    var block = shape.map { _ in 1 }
    if case .chunked(let chunk) = layout, chunk.count == shape.count {
      block = zip(chunk, shape).map { max(1, min($0, $1)) }
    }
    for axis in shape.indices.reversed() {
      let room = max(1, blockSize / max(1, elementCount(of: block) ?? .max))
      let (wanted, overflow) = block[axis].multipliedReportingOverflow(by: room)
      block[axis] = min(shape[axis], overflow ? shape[axis] : wanted)
      if block[axis] < shape[axis] { break }
    }
    return block
  }

  /// Advances to the next block in row-major order; false after the last one.
  private static func advance(_ offset: inout [Int], by block: [Int], within shape: [Int]) -> Bool {
    for axis in shape.indices.reversed() {
      offset[axis] += block[axis]
      if offset[axis] < shape[axis] { return true }
      offset[axis] = 0
    }
    return false
  }
}
