internal import Support

/// Labels in texts by their names, which may be written in several ways: with spaces around them, or in another Unicode form.
struct LabelSpellings {
  /// The distinct names, without spaces around them.
  private(set) var distinct: [String] = []
  private var places: [String: Int] = [:]
  /// The ways of writing: their texts, the label, and how often each occurs.
  private var spellings: [(text: String, label: Int, count: Int)] = []
  /// By their bytes, for texts in several Unicode forms are equal.
  private var spellingPlaces: [[UInt8]: Int] = [:]

  /// The label of a field as the file has it, and the name of the label.
  mutating func label(of field: ArraySlice<UInt8>) -> (label: Int, name: String) {
    let key = Array(field)
    if let place = spellingPlaces[key] {
      spellings[place].count += 1
      return (spellings[place].label, distinct[spellings[place].label])
    }
    let text = CSVSource.text(field)
    let name = Self.trimmed(text)
    let label = places[name] ?? distinct.count
    if label == distinct.count {
      places[name] = label
      distinct.append(name)
    }
    spellingPlaces[key] = spellings.count
    spellings.append((text, label, 1))
    return (label, distinct[label])
  }

  /// The label of a text as the file has it, and the name of the label.
  mutating func label(of text: String) -> (label: Int, name: String) { label(of: Array(text.utf8)[...]) }

  /// A text without what is to be seen as space around it: blanks of every width, also such as do not break or have none,
  /// tabs and line ends.
  static func trimmed(_ text: String) -> String {
    func isSpace(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.isWhitespace || [0x200B, 0x2060, 0xFEFF].contains(scalar.value)
    }
    let scalars = text.unicodeScalars
    guard let first = scalars.first, let last = scalars.last, isSpace(first) || isSpace(last) else { return text }
    let start = scalars.firstIndex { !isSpace($0) } ?? scalars.endIndex
    let end = scalars.lastIndex { !isSpace($0) }.map { scalars.index(after: $0) } ?? start
    return String(scalars[start..<end])
  }

  /// - Throws: `FileError` for numbers beside texts: either one is a mistake.
  func requireOneKind(path: String) throws(FileError) { try Self.requireOneKind(distinct, path: path) }

  /// - Throws: `FileError` for numbers beside texts: either one is a mistake.
  static func requireOneKind(_ distinct: [String], path: String) throws(FileError) {
    func isNumber(_ text: String) -> Bool { CSVSource.number(text)?.isFinite == true }
    guard let number = distinct.first(where: isNumber), let text = distinct.first(where: { !isNumber($0) }) else {
      return
    }
    throw FileError(
      what: "labels that are numbers such as \"\(number)\" beside texts such as \"\(text)\"", path: path,
      expected: "all numbers or all texts",
      action: "correct them; if the first line of a CSV file is a header, say so with --header yes")
  }

  /// What is written in several ways, one sentence for each label.
  func remarks(path: String) -> [String] {
    Dictionary(grouping: spellings, by: \.label).sorted { $0.key < $1.key }.compactMap { label, ways in
      guard ways.count > 1 else { return nil }
      let name = distinct[label]
      let isSpaced = ways.contains { Self.trimmed($0.text).utf8.count != $0.text.utf8.count }
      let forms = Set(ways.map { Array(Self.trimmed($0.text).utf8) }).count
      let why = (isSpaced ? ["spaces around it"] : []) + (forms > 1 ? ["\(forms) Unicode forms of its letters"] : [])
      let shown = ways.prefix(4).map { "\"\($0.text)\" \($0.count) times" }.joined(separator: ", ")
      return "\(path): the label \(name) is written in \(ways.count) ways, with \(why.joined(separator: " and ")), "
        + "taken as one class: \(shown)\(ways.count > 4 ? ", …" : "")"
    }
  }
}
