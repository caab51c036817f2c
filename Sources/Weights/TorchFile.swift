internal import Serialization
internal import Support

/// A file of `torch.save`: the ZIP archive of torch 1.6 and later, or pickles and storages one after another.
///
/// `torch/serialization.py`. Nothing in it is executed: see `Pickle`.
struct TorchFile {
  /// The most bytes of the pickle alone, without storages.
  private static let pickleLimit = 256 << 20

  let path: String
  /// The format, in words.
  let kind: String
  /// The objects that were saved.
  let pickle: Pickle
  private let isBigEndian: Bool
  /// Where storages lie, by their keys.
  private let places: [String: (source: any ByteSource, offset: Int)]

  init(opening path: String) throws(FileError) {
    self.path = path
    let nature = try FileNature(of: path)
    switch nature {
    case .zip:
      let archive = try ZipArchive(opening: path)
      guard let root = try Self.root(of: archive) else { throw nature.refusal(path, expected: "a torch file") }
      kind = archive.hasChecksums ? "torch file" : "torch file without checksums"
      guard let entry = archive[root + "data.pkl"] else { throw nature.refusal(path, expected: "a torch file") }
      isBigEndian =
        try archive[root + "byteorder"].map { order throws(FileError) in
          try archive.read(order, limit: 16).starts(with: "big".utf8)
        } ?? false
      pickle = try Pickle(reading: ZipEntrySource(entry, of: archive, limit: Self.pickleLimit), allowsStorages: true)
      var places: [String: (source: any ByteSource, offset: Int)] = [:]
      for storage in pickle.storages where places[storage.key] == nil {
        guard let entry = archive[root + "data/" + storage.key] else {
          throw Self.damaged("it has no storage \(storage.key)", path)
        }
        places[storage.key] = (ZipEntrySource(entry, of: archive, limit: FileBytes.inflationLimit), 0)
      }
      self.places = places
      for storage in pickle.storages { try requireSize(of: storage, exactly: true) }
    case .legacyTorch:
      kind = "torch file of before torch 1.6"
      isBigEndian = false
      (pickle, places) = try Self.legacy(FileSource(opening: path))
      for storage in pickle.storages { try requireSize(of: storage, exactly: false) }
    default: throw nature.refusal(path, expected: "a torch file")
    }
  }

  /// The folder of a torch archive, with its slash; `nil` for another archive.
  ///
  /// - Throws: `FileError` for a TorchScript archive.
  static func root(of archive: ZipArchive) throws(FileError) -> String? {
    guard let name = archive.entries.first(where: { $0.name.hasSuffix("/data.pkl") })?.name else { return nil }
    let root = String(name.dropLast("data.pkl".count))
    let isProgram =
      archive[root + "constants.pkl"] != nil || archive.entries.contains { $0.name.hasPrefix(root + "code/") }
    guard !isProgram else {
      throw FileError(
        what: "it is a TorchScript archive: a program, not weights alone", path: archive.path,
        expected: "a state dictionary",
        action: "in Python: torch.save(torch.jit.load(FILE).state_dict(), \"weights.pt\"), or export it as ONNX")
    }
    return root
  }

  /// The array that a tensor is.
  ///
  /// - Throws: `FileError` where it exceeds its storage.
  func array(of tensor: TorchTensor) throws(FileError) -> StoredArray {
    guard let (source, offset) = places[tensor.storage.key] else {
      throw Self.damaged("it has no storage \(tensor.storage.key)", path)
    }
    let first = tensor.offset + (tensor.storage.view?.lowerBound ?? 0)
    return try StoredArray(
      shape: tensor.shape, strides: tensor.strides, type: tensor.storage.type, isBigEndian: isBigEndian, source: source,
      offset: offset + first * tensor.storage.type.size)
  }

  private func requireSize(of storage: TorchStorage, exactly: Bool) throws(FileError) {
    guard let (source, offset) = places[storage.key] else {
      throw Self.damaged("it has no storage \(storage.key)", path)
    }
    let (bytes, size) = (storage.count * storage.type.size, source.size - offset)
    guard exactly ? bytes == size : bytes <= size else {
      throw Self.damaged("storage \(storage.key) declares \(bytes) bytes and has \(size)", path)
    }
  }

  /// Pickles of a magic number, a version, the machine, the objects and the keys of storages, then these one by one.
  private static func legacy(
    _ file: FileSource
  ) throws(FileError) -> (Pickle, [String: (source: any ByteSource, offset: Int)]) {
    let magic = try Pickle(reading: file)
    let version = try Pickle(reading: file, from: magic.end)
    guard case .integer(1001) = version.root else { throw damaged("its version is not 1001", file.path) }
    let machine = try Pickle(reading: file, from: version.end)
    let objects = try Pickle(reading: file, from: machine.end, allowsStorages: true)
    let keys = try Pickle(reading: file, from: objects.end)
    guard let names = keys.items(keys.root)?.map({ keys.text($0) }) else {
      throw damaged("it lists no storages", file.path)
    }
    let known = Dictionary(grouping: objects.storages, by: \.key)
    var places: [String: (source: any ByteSource, offset: Int)] = [:]
    var place = keys.end
    for name in names {
      guard let name, places[name] == nil, let storages = known[name], let first = storages.first,
        storages.allSatisfy({ $0.type == first.type && $0.count == first.count })
      else { throw damaged("it lists a storage that no tensor has, or one twice", file.path) }
      let count = try file.file.read(1, of: Int64.self, at: place)[0]
      guard count == first.count else {
        throw damaged("storage \(name) has \(count) elements and its tensors say \(first.count)", file.path)
      }
      places[name] = (file, place + 8)
      place += 8 + first.count * first.type.size
      guard place <= file.size else { throw damaged("it ends within storage \(name)", file.path) }
    }
    return (objects, places)
  }

  private static func damaged(_ what: String, _ path: String) -> FileError {
    FileError(
      what: "damaged torch file: \(what)", path: path,
      action: "it is truncated, damaged or malicious; download or create it again")
  }
}
