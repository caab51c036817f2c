internal import Serialization
internal import Support

/// The state dictionary of a torch file: the file itself, or one of the dictionaries in it.
struct StateDictionary {
  /// The most dictionaries that are looked at.
  private static let searchLimit = 1 << 16
  /// Names that tensors of a module have; those of optimizers have others.
  private static let parameterNames: Set<String> = ["weight", "bias", "running_mean", "running_var"]
  /// What wrappers put before all names: DataParallel, and torch.compile.
  private static let wrappers = ["module.", "_orig_mod."]

  private struct Candidate {
    /// Keys joined by dots; `.` for the file itself.
    let path: String
    var tensors: [(key: String, tensor: TorchTensor)] = []
    var others: [String] = []
    var hasParameterNames = false
  }

  /// Names without what wrappers put before them, and tensors, in the file's order.
  let tensors: [(name: String, tensor: TorchTensor)]
  /// Which dictionary was taken, and what was left out of it.
  let description: String

  /// Finds the dictionary.
  ///
  /// - Parameter part: its keys joined by dots; `nil` takes the only one.
  /// - Throws: `FileError` where there is none, or where there are several and none is chosen.
  init(in file: TorchFile, part: String?) throws(FileError) {
    var all: [Candidate] = []
    var visits = 0
    try Self.search(file.pickle, file.pickle.root, "", into: &all, &visits)
    var candidates = all.filter(\.hasParameterNames)
    if candidates.isEmpty { candidates = all.filter { !$0.path.hasPrefix("optimizer") } }
    let known = candidates.map { "\($0.path) (\($0.tensors.count) tensors)" }.joined(separator: ", ")
    let chosen: Candidate
    if let part {
      guard let found = all.first(where: { $0.path == part }) else {
        throw FileError(
          what: "it has no dictionary of tensors \(part)", path: file.path,
          expected: known.isEmpty ? "a state dictionary" : "one of \(known)")
      }
      chosen = found
    } else {
      guard let first = candidates.first else {
        throw FileError(
          what: "a torch file without a dictionary of tensors", path: file.path,
          expected: "a state dictionary, or a checkpoint that has one", action: "save model.state_dict()")
      }
      guard candidates.count == 1 else {
        throw FileError(
          what: "it holds \(candidates.count) dictionaries of tensors", path: file.path, expected: "one of \(known)",
          action: "choose one with --part NAME or weights.part; . is the file itself")
      }
      chosen = first
    }
    var prefix = ""
    while let wrapper = Self.wrappers.first(where: { wrapper in
      chosen.tensors.allSatisfy { $0.key.dropFirst(prefix.count).hasPrefix(wrapper) }
    }) {
      prefix += wrapper
    }
    tensors = chosen.tensors.map { (String($0.key.dropFirst(prefix.count)), $0.tensor) }
    var parts = chosen.path == "." ? [] : ["state dictionary \(chosen.path)"]
    if !prefix.isEmpty { parts.append("prefix \(prefix) removed from \(tensors.count) names") }
    if !chosen.others.isEmpty {
      let shown = chosen.others.prefix(5).joined(separator: ", ")
      let more = chosen.others.count > 5 ? " and \(chosen.others.count - 5) more" : ""
      parts.append("left out what is no tensor: \(shown)\(more)")
    }
    description = parts.map { ", " + $0 }.joined()
  }

  /// All dictionaries with tensors, reached by dictionaries alone; shared ones are looked at in each place.
  private static func search(
    _ pickle: Pickle, _ value: Pickle.Value, _ path: String, into candidates: inout [Candidate], _ visits: inout Int
  ) throws(FileError) {
    guard let entries = pickle.entries(value) else { return }
    visits += 1
    guard visits <= searchLimit else {
      throw FileError(
        what: "more than \(searchLimit) dictionaries in the torch file", path: pickle.source.path,
        action: "save model.state_dict() alone")
    }
    var candidate = Candidate(path: path.isEmpty ? "." : path)
    for (name, value) in entries {
      if case .tensor(let tensor) = pickle.node(value) {
        candidate.tensors.append((name, tensor))
        let last = name.split(separator: ".").last.map(String.init) ?? name
        if parameterNames.contains(last) { candidate.hasParameterNames = true }
      } else if case .placeholder(let kind) = pickle.node(value) {
        candidate.others.append("\(name) (an object of \(kind))")
      } else {
        candidate.others.append(name)
      }
    }
    if candidate.tensors.contains(where: { !$0.tensor.shape.isEmpty }) { candidates.append(candidate) }
    for (name, value) in entries {
      try search(pickle, value, path.isEmpty ? name : path + "." + name, into: &candidates, &visits)
    }
  }
}

extension TorchFile {
  /// The listing of a torch file's state dictionary, and its values.
  static func open(
    _ path: String, part: String?, forced: FlattenOrder?
  ) throws(FileError) -> (WeightsListing, ArrayStore) {
    let file = try TorchFile(opening: path)
    let dictionary = try StateDictionary(in: file, part: part)
    var arrays: [(name: String, array: StoredArray)] = []
    for (name, tensor) in dictionary.tensors { arrays.append((name, try file.array(of: tensor))) }
    let keys = arrays.map {
      TorchLayout.Key(key: $0.name, path: $0.name, shape: $0.array.shape, type: $0.array.type.rawValue)
    }
    var listing = WeightsListing(
      layout: file.kind + dictionary.description, order: forced ?? .chw, tensors: TorchLayout.tensors(of: keys))
    listing.leftovers = TorchLayout.leftovers(of: keys)
    return (listing, ArrayStore(arrays, path: path))
  }
}
