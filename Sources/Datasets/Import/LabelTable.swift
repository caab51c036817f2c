internal import Support

/// The classes of the images of a source, its own test set included, as indices into the classes' names.
struct LabelTable: Sendable {
  /// The labels of each set of images.
  private(set) var labels: [[Int]] = []
  /// The names of the classes unless the user names them.
  private(set) var classNames: [String]?
  /// What was taken for what, one sentence each.
  private(set) var remarks: [String] = []

  /// What is to be said where the labels of the last set, the test, seem to count from another number than those of
  /// training; empty if they do not.
  var offsetNote: String {
    guard let (low, high) = Self.range(labels.dropLast().flatMap(\.self)),
      let (testLow, testHigh) = Self.range(labels.last ?? []),
      testLow - low == testHigh - high, testLow != low
    else { return "" }
    return "; the labels of training seem to count from \(low), those of the test from \(testLow)"
  }

  private static func range(_ labels: [Int]) -> (lowest: Int, highest: Int)? {
    guard let lowest = labels.min(), let highest = labels.max() else { return nil }
    return (lowest, highest)
  }

  /// Classes of texts are in the order of their names; of numbers, the first class is `firstLabel`: 0 unless asked for, or 1
  /// in MATLAB's arrays without a 0.
  /// - Parameter classNames: the user's names, in order.
  /// - Throws: `FileError` for labels that are not whole, below the first or of no known class, for rows that are not one 1
  ///   among zeros, and for sets of different kinds.
  init(_ sets: [LabelValues], classNames: [String]?, firstLabel: Int?) throws(FileError) {
    self.classNames = classNames
    remarks = sets.flatMap(\.remarks)
    let distinct = sets.map { set -> [String]? in
      guard case .texts(_, let distinct) = set.values else { return nil }
      return distinct
    }
    if distinct.contains(where: { $0 != nil }) {
      try read(texts: sets, distinct, firstLabel)
    } else {
      try read(numbers: sets, firstLabel)
    }
  }

  private mutating func read(
    texts sets: [LabelValues], _ distinct: [[String]?], _ firstLabel: Int?
  ) throws(FileError) {
    for (set, texts) in zip(sets, distinct) {
      guard let texts else {
        throw FileError(
          what: "labels that are numbers, beside another set of texts", path: set.path,
          expected: "all numbers or all texts",
          action: "correct them; if the first line of a CSV file is a header, say so with --header yes")
      }
      // Numbers that are not written as such, as 01, are names.
      try LabelSpellings.requireOneKind(texts, path: set.path)
      guard !texts.contains("") else {
        throw FileError(what: "a label without a letter", path: set.path, expected: "a class", action: "correct it")
      }
    }
    guard firstLabel == nil else {
      throw FileError(
        what: "labels are texts", path: sets[0].path, expected: "numbers, as a first label was given",
        action: "leave --first-label out")
    }
    let names = classNames ?? Array(Set(distinct.flatMap { $0 ?? [] })).inOrderOfClasses
    let places = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    for (set, texts) in zip(sets, distinct) {
      guard case .texts(let ids, _) = set.values, let texts else { continue }
      let unknown = texts.filter { places[$0] == nil }
      guard unknown.isEmpty else {
        throw FileError(
          what: "labels of no known class: \(unknown.prefix(5).joined(separator: ", "))", path: set.path,
          expected: names.prefix(20).joined(separator: ", "), action: "correct them or name every class")
      }
      let classes = texts.map { places[$0] ?? 0 }
      labels.append(ids.map { classes[$0] })
    }
    guard names.count <= 1 << 16 else {
      throw FileError(
        what: "\(names.count) different labels", path: sets[0].path, expected: "at most \(1 << 16) classes",
        action: "check which column or file holds the labels")
    }
    if classNames == nil {
      let odd =
        names.allSatisfy { CSVSource.number($0)?.isFinite == true }
        ? names.first { Int($0).map(String.init) != $0 } : nil
      let why = odd.map { ", as \($0) is not how a number is written" } ?? ""
      remarks.append("\(sets[0].path): labels are texts\(why); \(names.count) classes in the order of their names")
      remarks += SimilarNames.remarks(names, what: "labels")
    }
    classNames = names
  }

  private mutating func read(numbers sets: [LabelValues], _ firstLabel: Int?) throws(FileError) {
    var rows: [(labels: [Int], classes: Int)] = []
    for set in sets { if let row = try set.oneHot() { rows.append(row) } }
    if !rows.isEmpty {
      guard rows.count == sets.count, Set(rows.map(\.classes)).count == 1 else {
        throw FileError(
          what: "labels of shape \(sets[0].shape), others of \(sets.last!.shape)", path: sets[0].path,
          expected: "the same kind of labels", action: "give labels of one kind")
      }
      guard firstLabel == nil || firstLabel == 0 else {
        throw FileError(
          what: "labels are rows of one 1 among zeros", path: sets[0].path, expected: "no first label",
          action: "leave --first-label out")
      }
      labels = rows.map(\.labels)
      remarks.append("\(sets[0].path): labels are rows of \(rows[0].classes) values, one of them 1: as many classes")
      if classNames == nil { classNames = (0..<rows[0].classes).map(String.init) }
      return
    }
    var numbers: [[Int]] = []
    for set in sets {
      guard case .numbers(let values) = set.values else { continue }
      var whole: [Int] = []
      whole.reserveCapacity(values.count)
      for (place, value) in values.enumerated() {
        guard let label = Int32(exactly: value) else {
          throw FileError(
            what: "label \(value.plain) at position \(place)", path: set.path, expected: "a whole number",
            action: "check which column or file holds the labels")
        }
        whole.append(Int(label))
      }
      numbers.append(whole)
    }
    let lowest = numbers.compactMap { $0.min() }.min() ?? 0
    let first = firstLabel ?? (sets.allSatisfy(\.countsFromOne) && lowest >= 1 ? 1 : 0)
    for (set, labels) in zip(sets, numbers) {
      if let place = labels.firstIndex(where: { $0 < first }) {
        throw FileError(
          what: "label \(labels[place]) at position \(place)", path: set.path,
          expected: "whole numbers from \(first) on",
          action: "leave such images out, or give the label of the first class with --first-label, such as "
            + "--first-label=\(lowest)")
      }
      if let place = labels.firstIndex(where: { $0 - first >= 1 << 16 }) {
        throw FileError(
          what: "label \(labels[place]) at position \(place)", path: set.path,
          expected: "\(first) to \(first + 1 << 16 - 1)", action: "check which column or file holds the labels")
      }
    }
    labels = numbers.map { $0.map { $0 - first } }
    if let names = sets[0].classNames {
      guard firstLabel == nil else {
        throw FileError(
          what: "labels have names", path: sets[0].path, expected: "no first label", action: "leave --first-label out")
      }
      if classNames == nil { classNames = names }
    }
    if sets[0].isBool { remarks.append("\(sets[0].path): labels are truth values; 0 is false, 1 is true") }
    guard first != 0 else { return }
    let highest = numbers.compactMap { $0.max() }.max() ?? first
    remarks.append("\(sets[0].path): labels \(lowest) to \(highest); the first class is that of label \(first)")
    if classNames == nil { classNames = (first...max(first, highest)).map(String.init) }
  }
}
