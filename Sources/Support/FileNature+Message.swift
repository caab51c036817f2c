extension FileNature {
  /// What it is in words, and what to do where weights or data were expected.
  private var words: (what: String, action: String)? {
    switch self {
    case .empty: return ("it is empty", "download or create it again")
    case .lfsPointer(let size):
      let stands = size.map { " that stands for a file of \($0) bytes" } ?? ""
      return ("it is a Git LFS pointer\(stands), not the file itself", "run git lfs pull in its repository")
    case .webPage:
      return (
        "it is an HTML page: a login, download or error page was saved in place of the file",
        "download the file itself"
      )
    case .zip(let first): return Self.archive(first)
    case .gzip: return ("it is a gzip file", "unpack it with gunzip, or with tar xzf where it is a .tar.gz")
    case .tar:
      return (
        "it is a tar archive", "unpack it with tar xf; torch's own tar format, of 2016, must be saved again with torch"
      )
    case .bzip2: return ("it is a bzip2 file", "unpack it with bunzip2")
    case .xz: return ("it is an xz file", "unpack it with unxz")
    case .zstandard: return ("it is a Zstandard file", "unpack it with unzstd")
    case .sevenZip: return ("it is a 7-Zip archive", "unpack it with 7z x")
    case .rar: return ("it is a RAR archive", "unpack it with unrar x")
    case .pickle: return ("it is a Python pickle", "")
    case .legacyTorch: return ("it is a torch file", "")
    case .hdf5: return ("it is an HDF5 file", "")
    case .safetensors: return ("it is a safetensors file", "")
    case .numpy: return ("it is a NumPy .npy array", "")
    case .idx: return ("it is an IDX file of arrays", "")
    case .matlab: return ("it is a MATLAB file", "")
    case .onnx: return ("it is an ONNX model", "")
    case .caffe: return ("it is a binary .caffemodel of Caffe", "")
    case .prototxt: return ("it is a Caffe prototxt, the description of a network without weights", "")
    case .tensorFlowLite: return ("it is a TensorFlow Lite model", "export it as ONNX or HDF5")
    case .gguf: return ("it is a GGUF file of a language model", "")
    case .image(let kind): return ("it is an image (\(kind))", "")
    case .pdf: return ("it is a PDF document", "")
    case .xml: return ("it is an XML file", "")
    case .json: return ("it is a JSON text", "")
    case .weightIndex:
      return (
        "it is the index of weights in several files, which holds no tensors itself",
        "join the files that it names into one, such as with safetensors' load_file and save_file, and give that"
      )
    case .yaml: return ("it is a YAML text", "")
    case .text: return ("it is a plain text", "")
    case .unknown: return nil
    }
  }

  private static func archive(_ first: String) -> (String, String) {
    let name = first.split(separator: "/").last.map(String.init) ?? first
    if name == "data.pkl" || first.contains("/data/") || name == "constants.pkl" || name == "byteorder" {
      return ("it is a torch file (a ZIP archive of pickle and storages)", "")
    }
    if first.hasSuffix(".npy") { return ("it is a NumPy .npz archive", "") }
    if ["metadata.json", "config.json", "model.weights.h5"].contains(first) {
      return ("it is a Keras 3 .keras archive", "")
    }
    if first == "[Content_Types].xml" { return ("it is an Office document", "export its table as CSV") }
    return ("it is a ZIP archive" + (first.isEmpty ? "" : " that begins with \(first)"), "unpack it with unzip")
  }

  /// What it is in words, such as `it is a Git LFS pointer`; `nil` where that is unknown.
  package var description: String? { words?.what }

  /// The error where another kind of file was expected.
  ///
  /// - Parameters:
  ///   - expected: such as `weights`.
  ///   - action: what to do where the kind alone does not tell.
  package func refusal(_ path: String, expected: String, action: String = "check the path") -> FileError {
    let (what, own) = words ?? ("it is no file of a known kind", "")
    return FileError(what: what, path: path, expected: expected, action: own.isEmpty ? action : own)
  }

  /// Whether it can only have come in place of another file: nothing that anyone wants to read.
  package var isStandIn: Bool {
    switch self {
    case .lfsPointer, .webPage: true
    default: false
    }
  }

  /// Throws where a file is a Git LFS pointer or an HTML page, whatever it was to be.
  ///
  /// - Throws: `FileError` that says so, or where the file is missing or unreadable.
  package static func requireContent(_ path: String, expected: String) throws(FileError) {
    let nature = try FileNature(of: path)
    if nature.isStandIn { throw nature.refusal(path, expected: expected) }
  }
}
