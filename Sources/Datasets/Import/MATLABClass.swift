import HDF5
internal import Support

/// What MATLAB notes beside an array of a file in its format 7.3, which is HDF5: the class, and whether it is empty.
struct MATLABClass: Equatable, Sendable {
  let name: String
  let isEmpty: Bool

  /// Whether it is an array of numbers or truth values.
  var isNumeric: Bool { name == "double" || name == "single" || name == "logical" || name.contains("int") }

  /// The class of a dataset; `nil` where MATLAB did not write it.
  /// - Throws: `FileError` if the attributes cannot be read.
  init?(of dataset: borrowing HDF5Dataset) throws(FileError) {
    guard dataset.hasAttribute("MATLAB_class") else { return nil }
    do throws(HDF5Error) {
      name = try dataset.string(ofAttribute: "MATLAB_class")
      isEmpty =
        dataset.hasAttribute("MATLAB_empty")
        ? try dataset.numbers(ofAttribute: "MATLAB_empty", as: Int.self).contains { $0 != 0 } : false
    } catch { throw FileError(error) }
  }
}

extension LabelValues {
  /// Labels in a dataset of an HDF5 file: numbers, texts, or a MATLAB array of either, a cell array included.
  /// - Throws: `FileError` for anything else.
  init(of file: borrowing HDF5File, _ name: String) throws(FileError) {
    let dataset = try withFileErrors { () throws(HDF5Error) in try file.dataset(name) }
    let path = "\(dataset.filePath):\(dataset.path)"
    let matlab = try MATLABClass(of: dataset)
    if matlab?.isEmpty == true {
      throw FileError(what: "an empty array", path: path, expected: "labels", action: "give the array of labels")
    }
    switch (matlab?.name, dataset.elementType) {
    case ("char", _): self.init(texts: try Self.lines(of: dataset, path), path: path)
    case ("cell", _):
      self.init(texts: try Self.texts(ofCells: name, of: file), path: path)
    case (nil, .string):
      guard dataset.shape.count(where: { $0 != 1 }) <= 1 else {
        throw FileError(what: "texts of shape \(dataset.shape)", path: path, expected: "[N]", action: "give the labels")
      }
      self.init(texts: try withFileErrors { () throws(HDF5Error) in try dataset.readStrings() }, path: path)
    case (nil, .other) where dataset.isEnumeration: try self.init(ofEnumeration: dataset, path)
    default:
      let isMATLAB = matlab != nil
      // Opened once more: the array keeps its dataset.
      let array = try HDF5Array(try withFileErrors { () throws(HDF5Error) in try file.dataset(name) })
      try self.init(of: array, countsFromOne: isMATLAB && matlab?.name != "logical")
    }
  }

  /// The texts of a MATLAB cell array in a file.
  /// - Throws: `FileError` for any other array, and for a cell that holds no text of one line.
  static func texts(ofCells name: String, of file: borrowing HDF5File) throws(FileError) -> [String] {
    let dataset = try withFileErrors { () throws(HDF5Error) in try file.dataset(name) }
    let path = "\(dataset.filePath):\(dataset.path)"
    guard try MATLABClass(of: dataset)?.name == "cell" else {
      throw FileError(what: "no cell array", path: path, expected: "a cell array of texts, one per image")
    }
    var texts: [String] = []
    let cells = try withFileErrors { () throws(HDF5Error) in try dataset.references() }
    for (place, reference) in cells.enumerated() {
      let cell = try withFileErrors { () throws(HDF5Error) in try file.dataset(at: reference) }
      guard let kind = try MATLABClass(of: cell), kind.name == "char", !kind.isEmpty else {
        throw FileError(
          what: "cell \(place) holds no text", path: path, expected: "a cell array of texts, one per image",
          action: "save the labels as numbers or as cellstr")
      }
      let lines = try Self.lines(of: cell, path)
      guard lines.count == 1 else {
        throw FileError(what: "cell \(place) holds \(lines.count) lines", path: path, expected: "one text per image")
      }
      texts += lines
    }
    return texts
  }

  /// Labels of an enumeration, whose members are the classes in the order of their values.
  private init(ofEnumeration dataset: borrowing HDF5Dataset, _ path: String) throws(FileError) {
    guard dataset.shape.count(where: { $0 != 1 }) <= 1 else {
      throw FileError(what: "labels of shape \(dataset.shape)", path: path, expected: "[N]", action: "give the labels")
    }
    let (members, values) = try withFileErrors { () throws(HDF5Error) in
      (try dataset.members(), try dataset.readEnumeration())
    }
    let sorted = members.sorted { $0.value < $1.value }
    let places = Dictionary(sorted.enumerated().map { ($1.value, $0) }) { first, _ in first }
    let labels = try values.enumerated().map { place, value throws(FileError) in
      guard let label = places[value] else {
        throw FileError(
          what: "label \(value) at position \(place)", path: path,
          expected: "a member of its enumeration: \(sorted.prefix(20).map(\.name).joined(separator: ", "))",
          action: "correct the labels")
      }
      return label
    }
    self.init(labels, classNames: sorted.map(\.name), path: path)
  }

  /// The rows of a MATLAB array of characters, without the spaces that fill them up.
  private static func lines(of dataset: borrowing HDF5Dataset, _ path: String) throws(FileError) -> [String] {
    let shape = dataset.shape
    guard shape.count == 2, dataset.count <= 1 << 26 else {
      throw FileError(what: "text of shape \(shape)", path: path, expected: "a text in each row")
    }
    let codes = try withFileErrors { () throws(HDF5Error) in try dataset.read(as: Int32.self) }
    var lines: [String] = []
    for row in 0..<shape[1] {
      var units = (0..<shape[0]).map { UInt16(truncatingIfNeeded: codes[$0 * shape[1] + row]) }
      while units.last == 32 || units.last == 0 { units.removeLast() }
      guard let line = String(validating: units, as: UTF16.self) else {
        throw FileError(
          what: "text \(row) is not UTF-16", path: path, expected: "characters as MATLAB stores them",
          action: "save the array again")
      }
      lines.append(line)
    }
    return lines
  }
}
