package import Support

/// The arrays of a file that holds several under their names: NumPy's .npz, a pickle of dictionaries and lists, or a .npy
/// file of objects.
package struct ArrayFile: Sendable {
  /// An array with its name in the file.
  package struct Entry: Sendable {
    /// Keys and positions, joined by dots.
    package let name: String
    /// The array.
    package let array: StoredArray
    /// Of an item of a list, the list's name and its position.
    package let item: (list: String, position: Int)?
  }

  /// The most arrays that are named.
  private static let entryLimit = 1 << 16
  /// The most bytes of one packed array, and of a packed pickle.
  private static let unpackedLimit = 4 << 30

  /// Its kind, such as `NumPy .npz`.
  package let kind: String
  /// Its arrays in the file's order.
  package private(set) var entries: [Entry] = []
  /// Its arrays and lists of texts by name, where lists are taken.
  package private(set) var texts: [(name: String, array: TextArray)] = []
  /// Names of what it holds besides arrays.
  package private(set) var leftOut: [String] = []

  /// Opens a file and lists it.
  ///
  /// - Parameter takesLabels: whether lists of numbers or of truth values alone count as arrays, and texts are listed.
  /// - Throws: `FileError` where it is missing, damaged, of another kind, or asks for what is not read.
  package init(opening path: String, takesLabels: Bool = false) throws(FileError) {
    let nature = try FileNature(of: path)
    switch nature {
    case .zip: try self.init(archive: ZipArchive(opening: path), takesLabels)
    default: try self.init(reading: FileSource(opening: path), nature, takesLabels)
    }
  }

  /// The arrays of a pickle, or of a .npy file of objects, wherever it lies.
  ///
  /// - Throws: `FileError` as opening a file does.
  package init(reading source: any ByteSource, takesLabels: Bool = false) throws(FileError) {
    let head = try source.bytes(min(source.size, FileNature.headLength), at: 0)
    try self.init(
      reading: source, FileNature(head: head, size: source.size, name: source.path), takesLabels)
  }

  private init(
    reading source: any ByteSource, _ nature: FileNature, _ takesLabels: Bool
  ) throws(FileError) {
    var start = 0
    if case .numpy = nature {
      let header = try NumPyHeader(of: source)
      guard header.holdsObjects else {
        kind = "NumPy .npy"
        if takesLabels, let found = try TextArray(of: source, header) {
          texts = [("", found)]
          return
        }
        entries = [Entry(name: "", array: try NumPyHeader.array(in: source), item: nil)]
        return
      }
      (kind, start) = ("NumPy .npy of objects", header.end)
    } else {
      guard nature == .pickle else {
        throw nature.refusal(source.path, expected: "a .npz archive, a .npy array or a pickle of arrays")
      }
      kind = "pickle of NumPy arrays"
    }
    let pickle = try Pickle(reading: source, from: start)
    guard pickle.end == source.size else {
      throw FileError(
        what: "\(source.size - pickle.end) bytes follow the pickle, which ends at byte \(pickle.end)",
        path: source.path, expected: "one pickle", action: "save everything in one dictionary")
    }
    var walk = Walk(pickle: pickle, takesLabels: takesLabels)
    try walk.visit(pickle.root, "", item: nil)
    (entries, texts, leftOut) = (walk.entries, walk.texts, walk.leftOut)
  }

  private init(archive: ZipArchive, _ takesLabels: Bool) throws(FileError) {
    kind = "NumPy .npz"
    for entry in archive.entries {
      guard entry.name.hasSuffix(".npy") else {
        leftOut.append(entry.name)
        continue
      }
      let source = ZipEntrySource(entry, of: archive, limit: Self.unpackedLimit)
      let name = String(entry.name.dropLast(4))
      let header = try NumPyHeader(of: source)
      if takesLabels, let found = try TextArray(of: source, header) {
        texts.append((name, found))
        continue
      }
      if takesLabels, header.holdsObjects {
        // An array of Python's texts or numbers is a list of them.
        let inner = try ArrayFile(reading: source, takesLabels: true)
        texts += inner.texts.map { ($0.name.isEmpty ? name : "\(name).\($0.name)", $0.array) }
        entries += inner.entries.filter { $0.name.isEmpty }.map { Entry(name: name, array: $0.array, item: nil) }
        if inner.texts.isEmpty, !inner.entries.contains(where: \.name.isEmpty) {
          leftOut.append("\(name) (Python objects)")
        }
        continue
      }
      guard header.type != nil else {
        leftOut.append("\(name) (\(header.holdsObjects ? "Python objects" : header.descriptor))")
        continue
      }
      entries.append(Entry(name: name, array: try NumPyHeader.array(in: source), item: nil))
    }
    guard !entries.isEmpty || !texts.isEmpty else {
      throw FileError(
        what: "a ZIP archive of \(archive.entries.count) entries without arrays", path: archive.path,
        expected: "the .npy files of numpy.savez", action: "unpack it, or save the arrays with numpy.savez")
    }
  }

  /// The entry of a name; without a name the only one.
  ///
  /// - Throws: `FileError` with names and shapes where it is missing or not the only one.
  package func entry(_ name: String?, path: String) throws(FileError) -> Entry {
    if let found = name.map({ name in entries.first { $0.name == name } }) ?? (entries.count == 1 ? entries[0] : nil) {
      return found
    }
    let known =
      entries.prefix(40).map { "\($0.name) \($0.array.shape) \($0.array.type.rawValue)" }
      + texts.prefix(40).map { "\($0.name) \($0.array.shape) texts" }
    let more = entries.count > 40 ? " and \(entries.count - 40) more" : ""
    let others = leftOut.prefix(20).map { $0.isEmpty ? "the whole" : $0 }.joined(separator: ", ")
    let left =
      leftOut.isEmpty ? "" : ", besides what is neither an array nor a list of numbers or texts alone: \(others)"
    guard !known.isEmpty else {
      throw FileError(
        what: "\(kind) without an array\(left)", path: path,
        expected: "an array of numbers, or a list of numbers or texts",
        action: "save it as an array of one kind, as with numpy.array(…)")
    }
    throw FileError(
      what: (name.map { "\(kind) without an array \($0)" } ?? "\(kind) of \(entries.count) arrays") + left, path: path,
      expected: "the name of one of them: \(known.joined(separator: ", "))\(more)",
      action: "write the name after a colon, as FILE:NAME")
  }

  /// The texts of a name; without a name the only ones where there is nothing else. `nil` where there are none.
  package func text(_ name: String?) -> TextArray? {
    guard let name else { return entries.isEmpty && texts.count == 1 ? texts[0].array : nil }
    return texts.first { $0.name == name }?.array
  }

  /// A walk through the containers of a pickle.
  private struct Walk {
    let pickle: Pickle
    let takesLabels: Bool
    var entries: [Entry] = []
    var texts: [(name: String, array: TextArray)] = []
    var leftOut: [String] = []
    private var visits = 0

    init(pickle: Pickle, takesLabels: Bool) { (self.pickle, self.takesLabels) = (pickle, takesLabels) }

    mutating func visit(
      _ value: Pickle.Value, _ name: String, item: (list: String, position: Int)?
    ) throws(FileError) {
      visits += 1
      guard visits <= 16 * ArrayFile.entryLimit, entries.count <= ArrayFile.entryLimit else {
        throw FileError(
          what: "the pickle shares containers so that it has more than \(ArrayFile.entryLimit) arrays",
          path: pickle.source.path, action: "save its arrays in one dictionary")
      }
      func joined(_ part: String) -> String { name.isEmpty ? part : name + "." + part }
      if case .array(let array) = pickle.node(value) {
        if let objects = array.objects, let items = pickle.items(objects) {
          // An array of one object without extents is that object: a dictionary that was saved by numpy.save.
          if array.shape.isEmpty { return try visit(items[0], name, item: item) }
          if takesLabels, let numbers = try numbers(items, name) {
            return entries.append(Entry(name: name, array: numbers, item: item))
          }
          if takesLabels, let list = list(items) { return texts.append((name, list)) }
          for (index, value) in items.enumerated() {
            try visit(value, joined("\(index)"), item: (name, index))
          }
          return
        }
        guard array.values != nil else { return leftOut.append(name) }
        if array.type.text != nil {
          guard takesLabels else { return leftOut.append(name) }
          return texts.append((name, try array.texts(in: pickle.source)))
        }
        entries.append(Entry(name: name, array: try array.stored(in: pickle.source, name: name), item: item))
      } else if let pairs = pickle.entries(value) {
        for (key, value) in pairs { try visit(value, joined(key), item: nil) }
      } else if let items = pickle.items(value) {
        if takesLabels, let numbers = try numbers(items, name) {
          return entries.append(Entry(name: name, array: numbers, item: item))
        }
        if takesLabels, let list = list(items) { return texts.append((name, list)) }
        // A list of anything else is walked; one of plain values alone is named once.
        guard items.contains(where: { pickle.node($0) != nil }) else { return leftOut.append(name) }
        for (index, value) in items.enumerated() { try visit(value, joined("\(index)"), item: (name, index)) }
      } else {
        leftOut.append(name)
      }
    }

    /// The texts of a list of nothing else; `nil` for any other list.
    private func list(_ items: [Pickle.Value]) -> TextArray? {
      let texts = items.compactMap { pickle.text($0) }
      return texts.count == items.count && !items.isEmpty ? TextArray(texts) : nil
    }

    /// The array of a list of whole numbers, of numbers with fractions among them, or of truth values; `nil` for any other
    /// list.
    private func numbers(_ items: [Pickle.Value], _ name: String) throws(FileError) -> StoredArray? {
      func array(_ type: NumberType, _ bits: [UInt64]) throws(FileError) -> StoredArray {
        let bytes = bits.flatMap { bits in (0..<type.size).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) } }
        return try StoredArray(
          shape: [items.count], type: type, source: MemorySource(bytes, path: "\(pickle.source.path):\(name)"))
      }
      if items.isEmpty { return nil }
      let truths = items.compactMap { item -> UInt64? in
        guard case .bool(let truth) = item else { return nil }
        return truth ? 1 : 0
      }
      if truths.count == items.count { return try array(.bool, truths) }
      let integers = items.compactMap { item -> UInt64? in
        guard case .integer(let number) = item else { return nil }
        return UInt64(bitPattern: Int64(number))
      }
      if integers.count == items.count { return try array(.int64, integers) }
      let floats = items.compactMap { item -> UInt64? in
        switch item {
        case .integer(let number): Double(number).bitPattern
        case .float(let number): number.bitPattern
        default: nil
        }
      }
      return floats.count == items.count ? try array(.float64, floats) : nil
    }
  }
}
