import HDF5
internal import Serialization
internal import Support

/// An array of numbers in an HDF5 file, read on demand.
struct HDF5Array: NumberArray {
  let shape: [Int]
  let element: NumberType?
  /// Whether MATLAB wrote it, which lists axes the other way round.
  let isColumnMajor: Bool
  var isOfMATLAB: Bool { isColumnMajor }
  let path: String
  private let held: Held

  /// The open dataset.
  private final class Held: Sendable {
    let dataset: HDF5Dataset
    init(_ dataset: consuming HDF5Dataset) { self.dataset = dataset }
  }

  /// - Throws: `FileError` if it does not hold numbers, or if MATLAB wrote it as text, a cell array or an empty array, or if a
  ///   part of it was never written.
  init(_ dataset: consuming HDF5Dataset) throws(FileError) {
    let path = "\(dataset.filePath):\(dataset.path)"
    let type = dataset.elementType
    let matlab = try MATLABClass(of: dataset)
    func refusal(_ what: String) -> FileError {
      FileError(what: what, path: path, expected: "an array of numbers", action: "give another array")
    }
    guard matlab?.isEmpty != true else { throw refusal("an empty array") }
    guard matlab?.isNumeric != false else { throw refusal("a MATLAB array of class \(matlab?.name ?? "")") }
    guard let number = NumberType(type) else { throw refusal("values of type \(type)") }
    element = matlab?.name == "logical" ? .bool : number
    try withFileErrors { () throws(HDF5Error) in try dataset.requireWritten() }
    (self.path, shape, isColumnMajor) = (path, dataset.shape, matlab != nil)
    held = Held(dataset)
  }

  func block(at offset: [Int], of count: [Int]) throws(FileError) -> NumberBlock {
    let isByte = element == .uint8
    return try withFileErrors { () throws(HDF5Error) in
      if isByte { return .bytes(try held.dataset.read(as: UInt8.self, offset: offset, count: count)) }
      return .numbers(try held.dataset.read(as: Double.self, offset: offset, count: count))
    }
  }
}

extension NumberType {
  /// The type of an HDF5 dataset's values; `nil` for anything but numbers.
  init?(_ type: ElementType) {
    switch type {
    case .uint8: self = .uint8
    case .int32: self = .int32
    case .uint32: self = .uint32
    case .int64: self = .int64
    case .float: self = .float32
    case .double: self = .float64
    case .bool: self = .bool
    case .string: return nil
    case .other(let name): self.init(rawValue: name)
    }
  }
}
