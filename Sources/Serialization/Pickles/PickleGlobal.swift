/// The functions and classes that a pickle may call for; each is a case of the reader's own code.
package enum PickleGlobal: Sendable, Equatable {
  case orderedDictionary, counter, set, frozenSet, bytesClass, encode
  case arrayReconstruct, arrayScalar, arrayClass, elementType, arrayFromBuffer
  case tensor, oldTensor, parameter, size
  /// A class of plain attributes, of which an empty placeholder is made.
  case record(String)
  /// A class of storages, by the type of their elements.
  case storage(NumberType)

  /// The global of a module and a name; `nil` for one that is refused.
  init?(module: String, name: String) {
    if module == "torch" || module == "torch.cuda" || module == "torch.storage", let type = Self.storages[name] {
      self = .storage(type)
      return
    }
    if Self.records.contains("\(module).\(name)") {
      self = .record("\(module).\(name)")
      return
    }
    guard let known = Self.known["\(module).\(name)"] else { return nil }
    self = known
  }

  private static let known: [String: PickleGlobal] = [
    "collections.OrderedDict": .orderedDictionary, "collections.Counter": .counter,
    "builtins.set": .set, "__builtin__.set": .set, "builtins.frozenset": .frozenSet,
    "__builtin__.frozenset": .frozenSet, "builtins.bytes": .bytesClass, "__builtin__.bytes": .bytesClass,
    "_codecs.encode": .encode,
    "numpy.core.multiarray._reconstruct": .arrayReconstruct, "numpy._core.multiarray._reconstruct": .arrayReconstruct,
    "numpy.core.multiarray.scalar": .arrayScalar, "numpy._core.multiarray.scalar": .arrayScalar,
    "numpy.ndarray": .arrayClass, "numpy.dtype": .elementType,
    "numpy.core.numeric._frombuffer": .arrayFromBuffer, "numpy._core.numeric._frombuffer": .arrayFromBuffer,
    "torch._utils._rebuild_tensor_v2": .tensor, "torch._utils._rebuild_tensor": .oldTensor,
    "torch._utils._rebuild_parameter": .parameter, "torch.Size": .size,
  ]

  /// Classes of Python's own whose objects lie beside weights in checkpoints: settings and paths.
  private static let records: Set<String> = [
    "argparse.Namespace", "types.SimpleNamespace", "pathlib.PosixPath", "pathlib.WindowsPath",
    "pathlib.PurePosixPath", "pathlib.PureWindowsPath", "pathlib._local.PosixPath", "pathlib._local.WindowsPath",
  ]

  private static let storages: [String: NumberType] = [
    "FloatStorage": .float32, "DoubleStorage": .float64, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
    "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8,
    "BoolStorage": .bool,
  ]

  /// Why a global is refused, and what to do; for those that people's files have.
  static func refusal(module: String, name: String) -> (what: String, action: String) {
    let last = "\(module).\(name)"
    let resave =
      "in Python, load it and save its numbers alone: torch.save(model.state_dict(), …), safetensors or numpy.savez"
    if module == "torch._utils" || module.hasPrefix("torch._tensor") {
      let kinds = ["sparse": "a sparse tensor", "qtensor": "a quantized tensor", "from_type": "a subclass of tensor"]
      if let kind = kinds.first(where: { name.contains($0.key) })?.value {
        return ("it holds \(kind) (\(last))", "save it as a plain tensor")
      }
      return ("it holds a tensor of a kind that is not read (\(last))", "save it as a plain tensor")
    }
    if name.hasPrefix("Complex"), name.hasSuffix("Storage") {
      return ("it holds complex numbers (\(last))", "save their real and imaginary parts as tensors of their own")
    }
    if name.hasSuffix("Storage"), module.hasPrefix("torch") {
      return ("it holds a storage of a type that is not read (\(last))", "save it as float32")
    }
    if module.hasPrefix("numpy") { return ("it calls for \(last)", "save plain arrays with numpy.savez") }
    if module.hasPrefix("torch.nn") || module.hasPrefix("torchvision.models") || module == "__main__" {
      return ("it holds a whole module of the class \(last), which would run code", resave)
    }
    return ("it calls for \(last), which would run code", resave)
  }
}
