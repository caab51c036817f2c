internal import Support

extension SourceImages {
  /// These images, if the source's own validation and test sets have no class that the training images have not; a remark
  /// tells which of the training classes the test set does not have.
  /// - Parameters:
  ///   - names: the names of labels 0, 1, …; the numbers themselves from the first on where they are short.
  ///   - areGiven: whether the user named the classes, which are then all known.
  ///   - path: what to call the set in errors.
  ///   - note: what may have happened, to be said in the error.
  /// - Throws: `FileError` that names the classes, and those that differ from a training class in case alone.
  func withKnownClasses(
    names: [String], areGiven: Bool, path: String, note: String = ""
  ) throws(FileError) -> SourceImages {
    func labels(_ source: any ImageSource) -> Set<Int> { Set((0..<source.count).map(source.label)) }
    func name(_ label: Int) -> String { names.indices.contains(label) ? names[label] : "\(label)" }
    func list(_ labels: [Int]) -> String {
      labels.prefix(5).map(name).joined(separator: ", ") + (labels.count > 5 ? ", …" : "")
    }
    let known = labels(train)
    var images = self
    for (set, source) in [("test", test), ("validation", validation)] {
      guard let source, source.count > 0 else { continue }
      let found = labels(source)
      let unknown = found.subtracting(known).sorted()
      if let first = unknown.first, !areGiven {
        let similar = known.first { name($0).lowercased() == name(first).lowercased() }
        throw FileError(
          what:
            "\(unknown.count == 1 ? "a class" : "\(unknown.count) classes") of the \(set) set that no training image "
            + "has: \(list(unknown))" + (similar.map { " (differing from \(name($0)) in case alone)" } ?? note),
          path: path,
          expected: "the training classes, \(list(known.sorted()))",
          action: "correct the labels of one of them, or, if both are right, name every class with --classes")
      }
      let missing = known.subtracting(found).sorted()
      if !missing.isEmpty {
        images.remarks.append(
          "the \(set) set has no image of \(missing.count) of \(known.count) training classes: \(list(missing))")
      }
    }
    return images
  }
}
