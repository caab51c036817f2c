/// Labels of a text file by their names, which may be written in several ways: with spaces around them, or in another
/// Unicode form.
struct LabelSpellings {
  /// The distinct names, without spaces around them.
  private(set) var distinct: [String] = []
  private var places: [String: Int] = [:]
  /// The ways of writing: their bytes, the label, and how often each occurs.
  private var spellings: [(text: String, label: Int, count: Int)] = []
  private var spellingPlaces: [[UInt8]: Int] = [:]

  /// The label of a field as the file has it, and the name of the label.
  mutating func label(of field: ArraySlice<UInt8>) -> (label: Int, name: String) {
    let key = Array(field)
    if let place = spellingPlaces[key] {
      spellings[place].count += 1
      return (spellings[place].label, distinct[spellings[place].label])
    }
    let name = CSVSource.text(CSVSource.trimmed(field))
    let label = places[name] ?? distinct.count
    if label == distinct.count {
      places[name] = label
      distinct.append(name)
    }
    spellingPlaces[key] = spellings.count
    spellings.append((CSVSource.text(field), label, 1))
    return (label, distinct[label])
  }

  /// What is written in several ways, one sentence for each label.
  func remarks(path: String) -> [String] {
    Dictionary(grouping: spellings, by: \.label).sorted { $0.key < $1.key }.compactMap { label, ways in
      guard ways.count > 1 else { return nil }
      let name = distinct[label]
      let isSpaced = ways.contains { CSVSource.trimmed($0.text).utf8.count != $0.text.utf8.count }
      let forms = Set(ways.map { Array(CSVSource.trimmed($0.text).utf8) }).count
      let why = (isSpaced ? ["spaces around it"] : []) + (forms > 1 ? ["\(forms) Unicode forms of its letters"] : [])
      let shown = ways.prefix(4).map { "\"\($0.text)\" \($0.count) times" }.joined(separator: ", ")
      return "\(path): the label \(name) is written in \(ways.count) ways, with \(why.joined(separator: " and ")), "
        + "taken as one class: \(shown)\(ways.count > 4 ? ", …" : "")"
    }
  }
}
