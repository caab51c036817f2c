internal import Support

/// A TensorProto: a tensor's place in the file, or its values where they are few.
struct ONNXTensor {
  /// Its name, shape and place.
  let entry: ByteStore.Entry
  /// The values of whole numbers, such as the extents of a Reshape; `nil` for other types and for more than 64.
  var integers: [Int]?

  /// The floats of a Constant.
  init(values: [Float], shape: [Int]) {
    entry = ByteStore.Entry(
      name: "", shape: shape, element: .float32, type: "float32", offset: 0, values: values)
  }

  /// The whole numbers of a Constant.
  init(integers: [Int], shape: [Int]) {
    entry = ByteStore.Entry(name: "", shape: shape, element: nil, type: "ONNX type 7", offset: 0)
    self.integers = integers
  }

  /// Reads a message (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
  ///
  /// Values are raw_data or a field of their type; 16-bit floats may be the low bits of int32_data.
  /// - Throws: `FileError` where it is damaged, or its values are in another file.
  init(_ range: Range<Int>, _ reader: inout ProtobufReader) throws(FileError) {
    var name = ""
    var shape: [Int] = []
    var type: UInt64 = 0
    var places: [Range<Int>] = []
    var packed: [Range<Int>] = []
    var floats: [Float] = []
    var numbers: [UInt64] = []
    var location: String?
    for (number, value) in try reader.fields(in: range) {
      switch (number, value) {
      case (1, .number(let extent)): shape.append(Int(truncatingIfNeeded: extent))
      case (1, .bytes(let packed)): shape += try reader.numbers(packed).map { Int(truncatingIfNeeded: $0) }
      case (2, .number(let number)): type = number
      case (8, .bytes(let text)): name = try reader.text(text)
      // raw_data; float_data and double_data are the same bytes.
      case (9, .bytes(let place)), (4, .bytes(let place)), (10, .bytes(let place)): places.append(place)
      case (4, .fixed(let bits)): floats.append(Float(bitPattern: bits))
      // int32_data, int64_data
      case (5, .bytes(let place)), (7, .bytes(let place)): packed.append(place)
      case (5, .number(let number)), (7, .number(let number)): numbers.append(number)
      case (13, .bytes(let pair)): location = try Self.location(pair, &reader) ?? location ?? "another file"
      case (14, .number(let kind)): if kind == 1 { location = location ?? "another file" }
      default: break
      }
    }
    if let location {
      throw FileError(
        what: "the values of \(name) are in \(location), and other files are never opened", path: reader.path,
        expected: "a model in one file", action: "save it so: onnx.save(onnx.load(path), other)")
    }
    guard let count = ByteStore.Entry.count(of: shape) else {
      throw FileError(
        what: "damaged ONNX file: \(name) has shape \(shape)", path: reader.path, action: "export it again")
    }
    let element = Self.elements[type]
    var entry = ByteStore.Entry(
      name: name, shape: shape, element: element, type: element?.rawValue ?? "ONNX type \(type)",
      offset: places.first?.lowerBound ?? 0)
    if element == nil {
      if type == 6 || type == 7, count <= 64 {
        integers = try Self.integers(places, packed, numbers, bytes: type == 7 ? 8 : 4, &reader)
      }
    } else if let element, count > 0 {
      let bytes = count.multipliedReportingOverflow(by: element.size)
      if places.isEmpty, element == .float32, floats.count == count {
        entry.values = floats
      } else if places.isEmpty, element.size == 2, numbers.count == count {
        entry.values = numbers.map { element.value(ofBits: UInt16(truncatingIfNeeded: $0)) }
      } else if places.isEmpty, element.size == 2, packed.count == 1, count <= packed[0].count {
        entry = ByteStore.Entry(
          name: name, shape: shape, element: element, type: element.rawValue, offset: packed[0].lowerBound,
          packedLength: packed[0].count)
      } else if places.count != 1 || bytes.overflow || places[0].count != bytes.partialValue {
        throw FileError(
          what: "\(name) has \(places.reduce(0) { $0 + $1.count }) bytes in \(places.count) fields", path: reader.path,
          expected: "raw_data or a packed field for shape \(shape) of \(element)", action: "export it again")
      }
    }
    self.entry = entry
  }

  /// The file that a StringStringEntryProto names.
  private static func location(
    _ pair: Range<Int>, _ reader: inout ProtobufReader
  ) throws(FileError) -> String? {
    var texts = ["", ""]
    for case (let number, .bytes(let text)) in try reader.fields(in: pair) where number == 1 || number == 2 {
      texts[number - 1] = try reader.text(text)
    }
    return texts[0] == "location" ? texts[1] : nil
  }

  private static func integers(
    _ places: [Range<Int>], _ packed: [Range<Int>], _ numbers: [UInt64], bytes: Int, _ reader: inout ProtobufReader
  ) throws(FileError) -> [Int]? {
    if let place = places.first {
      return try reader.words(place, bytes: bytes)
    }
    if let place = packed.first { return try reader.numbers(place).map { Int(truncatingIfNeeded: $0) } }
    return numbers.map { Int(truncatingIfNeeded: $0) }
  }

  private static let elements: [UInt64: ByteStore.Entry.Element] = [
    1: .float32, 10: .float16, 11: .float64, 16: .bfloat16,
  ]
}
