package import Support

/// An array of NumPy's in a pickle.
package struct PickledArray: Sendable {
  /// Extents, the slowest first.
  package var shape: [Int]
  /// Elements from one position of each axis to the next.
  package var strides: [Int]
  /// The type of its elements.
  package var type: PickledType
  /// Its values; `nil` before the pickle gave them, and of objects.
  package var values: PickledBytes?
  /// Of an array of objects, a list of these.
  package var objects: Pickle.Value?

  /// The array to be read.
  ///
  /// - Parameters:
  ///   - source: the pickle's.
  ///   - name: the array's in the pickle, for errors.
  /// - Throws: `FileError` where it holds objects or exceeds its bytes.
  package func stored(in source: any ByteSource, name: String) throws(FileError) -> StoredArray {
    guard let values, let number = type.number else {
      throw FileError(
        what: "the array \(name) holds Python objects", path: source.path, expected: "numbers",
        action: "convert it with astype and save again")
    }
    let (bytes, offset): (any ByteSource, Int) =
      switch values {
      case .place(let range): (source, range.lowerBound)
      case .held(let bytes): (MemorySource(bytes, path: "\(source.path):\(name)"), 0)
      }
    return try StoredArray(
      shape: shape, strides: strides, type: number, isBigEndian: type.isBigEndian, source: bytes, offset: offset)
  }

  /// The array of texts to be read.
  ///
  /// - Parameter source: the pickle's.
  /// - Throws: `FileError` where it holds no texts, or too many.
  func texts(in source: any ByteSource) throws(FileError) -> TextArray {
    guard let values, let text = type.text else {
      throw FileError(what: "an array without texts", path: source.path, expected: "texts")
    }
    let isFortran = strides != StoredArray.strides(of: shape, isFortran: false)
    switch values {
    case .place(let range):
      return try TextArray(
        shape: shape, type: text, isFortran: isFortran, source: source, offset: range.lowerBound, end: range.upperBound)
    case .held(let bytes):
      return try TextArray(
        shape: shape, type: text, isFortran: isFortran, source: MemorySource(bytes, path: source.path), offset: 0,
        end: bytes.count)
    }
  }
}

/// NumPy's type of elements in a pickle.
package struct PickledType: Sendable, Equatable {
  /// The type of numbers; `nil` for texts and Python objects.
  package let number: NumberType?
  /// The type of texts; `nil` for numbers and Python objects.
  package private(set) var text: TextType?
  /// Whether the highest byte of an element comes first.
  package var isBigEndian = false { didSet { text?.isBigEndian = isBigEndian } }

  /// The size of an element in bytes; `nil` for Python objects.
  var size: Int? { number?.size ?? text?.size }

  /// A type of NumPy's by its name, such as `f4`, `<i8`, `U3` or `O8`; `nil` for one that is not read.
  init?(code: String) {
    let order = code.first.flatMap { "<>|=".contains($0) ? $0 : nil }
    let name = order == nil ? code[...] : code.dropFirst()
    isBigEndian = order == ">"
    if name == "O" || name == "O8" || name == "O4" {
      number = nil
      return
    }
    if let found = TextType(numPyCode: code) {
      (number, text) = (nil, found)
      return
    }
    guard let known = NumberType(numPyCode: name) else { return nil }
    number = known
  }
}

/// A storage of torch's that a pickle refers to: numbers that lie elsewhere in the file.
package struct TorchStorage: Sendable, Equatable {
  /// Its key in the file.
  package let key: String
  /// The type of its elements.
  package let type: NumberType
  /// The number of its elements.
  package let count: Int
  /// Of a storage that is a part of another one (torch before 0.4), where it begins in that, in elements, and its length.
  package let view: Range<Int>?
}

/// A tensor of torch's in a pickle: a view of a storage.
package struct TorchTensor: Sendable, Equatable {
  /// The storage that its numbers are in.
  package let storage: TorchStorage
  /// Where it begins in the storage, in elements.
  package let offset: Int
  /// Extents, the slowest first.
  package let shape: [Int]
  /// Elements from one position of each axis to the next.
  package let strides: [Int]
}
