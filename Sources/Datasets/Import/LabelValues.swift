internal import Serialization
internal import Support

/// The labels of a source as its file has them: numbers, truth values, rows of one 1 among zeros, or texts.
struct LabelValues: Sendable {
  enum Values: Sendable {
    case numbers([Double])
    /// Texts as positions in a list of the distinct ones.
    case texts([Int], distinct: [String])
  }

  /// What to call them in errors.
  let path: String
  let values: Values
  /// Their extents as the program that wrote them lists them.
  let shape: [Int]
  /// Whether labels count from 1 where none is 0, as in MATLAB.
  var countsFromOne = false
  var isBool = false
  /// The names of classes 0, 1, … that the numbers are, where the file has them.
  var classNames: [String]?
  /// What was taken for what, one sentence each.
  private(set) var remarks: [String] = []

  /// The number of labels.
  var count: Int { isRow ? shape.reduce(1, *) : shape.first ?? 0 }

  /// Whether at most one axis is longer than 1.
  private var isRow: Bool { shape.count { $0 != 1 } <= 1 }

  /// Numbers of an array.
  /// - Throws: `FileError` unless the shape is `[N]`, `[N, 1]`, `[1, N]` or `[N, K]`, or if they cannot be read.
  init(of array: some NumberArray, countsFromOne: Bool = false) throws(FileError) {
    path = array.path
    var shape = array.programShape
    (self.countsFromOne, isBool) = (countsFromOne, array.element == .bool)
    guard (1...2).contains(shape.count) || shape.count(where: { $0 != 1 }) == 1 else {
      throw FileError(
        what: "labels of shape \(shape)", path: path, expected: "[N], or [N, K] with one 1 in each row",
        action: "give the array of labels")
    }
    guard shape.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) <= 1 << 30 else {
      throw FileError(what: "labels of shape \(shape)", path: path, expected: "at most \(1 << 30) numbers")
    }
    var block = try array.block(at: array.shape.map { _ in 0 }, of: array.shape).numbers
    if shape.count == 2, shape.allSatisfy({ $0 > 1 }) {
      // Rows as the program shows them are columns on disk.
      if array.isColumnMajor { block = Self.transposed(block, height: shape[1], width: shape[0]) }
      if !Self.isOneHot(block, width: shape[1]) {
        let columns = Self.transposed(block, height: shape[0], width: shape[1])
        if Self.isOneHot(columns, width: shape[0]) {
          remarks = [
            "\(path): labels of shape \(shape) have one 1 in each column; each column is the label of an image"
          ]
          (block, shape) = (columns, shape.reversed())
        }
      }
    }
    (values, self.shape) = (.numbers(block), shape)
  }

  private static func transposed(_ block: [Double], height: Int, width: Int) -> [Double] {
    (0..<width).flatMap { column in (0..<height).map { block[$0 * width + column] } }
  }

  /// Whether each row has one 1 among zeros.
  private static func isOneHot(_ block: [Double], width: Int) -> Bool {
    stride(from: 0, to: block.count, by: width).allSatisfy { placeOfOne(in: block[$0..<$0 + width]) != nil }
  }

  /// The place of the one 1 among zeros; `nil` in any other row.
  private static func placeOfOne(in row: ArraySlice<Double>) -> Int? {
    guard let place = row.firstIndex(of: 1), row.count(where: { $0 == 0 }) == row.count - 1 else { return nil }
    return place - row.startIndex
  }

  /// The numbers of classes that have names: their positions among these.
  init(_ labels: [Int], classNames: [String], path: String) {
    (self.path, shape, values) = (path, [labels.count], .numbers(labels.map(Double.init)))
    self.classNames = classNames
    remarks = [
      "\(path): labels are of an enumeration; its \(classNames.count) names are the classes, in its order"
    ]
  }

  /// Texts, one per image.
  init(texts: [String], path: String) {
    var spellings = LabelSpellings()
    let ids = texts.map { spellings.label(of: $0).label }
    self.init(ids, spellings, path: path)
  }

  /// Texts as positions in a list of the distinct ones.
  init(_ ids: [Int], _ spellings: LabelSpellings, path: String) {
    let distinct = spellings.distinct
    (self.path, shape) = (path, [ids.count])
    remarks = spellings.remarks(path: path)
    // NaN and infinity are no numbers of classes, but may be their names.
    let numbers = distinct.map { text in CSVSource.number(text).flatMap { $0.isFinite ? $0 : nil } }
    if let found = LabelNumbers(distinct) {
      values = .numbers(ids.map { Double(found.numbers[$0]) })
      if let remark = found.remark(path: path) { remarks.append(remark) }
    } else if numbers.contains(where: { $0.map { $0 != $0.rounded() } == true }), !numbers.contains(nil) {
      // Fractions are measurements, not names; the table of labels refuses them.
      values = .numbers(ids.map { numbers[$0] ?? .nan })
    } else {
      values = .texts(ids, distinct: distinct)
    }
  }

  /// The place of the 1 in each row of zeros; `nil` unless there are rows.
  /// - Throws: `FileError` that names the first row that is another.
  func oneHot() throws(FileError) -> (labels: [Int], classes: Int)? {
    guard case .numbers(let numbers) = values, !isRow, shape.count == 2 else { return nil }
    let width = shape[1]
    var labels: [Int] = []
    labels.reserveCapacity(shape[0])
    for row in 0..<shape[0] {
      guard let place = Self.placeOfOne(in: numbers[row * width..<(row + 1) * width]) else {
        throw FileError(
          what: "row \(row) of labels of shape \(shape) is not one 1 among zeros", path: path,
          expected: "[N] labels, or [N, K] with one 1 in each row", action: "correct the labels or give another array")
      }
      labels.append(place)
    }
    return (labels, width)
  }
}
