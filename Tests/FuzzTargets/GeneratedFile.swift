import CHDF5
import HDF5

/// An HDF5 file made by a program of bytes, which knows of each dataset whether the guard has to refuse it.
///
/// An operation is a byte, what it needs follows; where the bytes end, all is 0.
struct GeneratedFile {
  private var bytes: ArraySlice<UInt8>
  /// Whether each dataset that was made is harmless.
  private var expected: [(name: String, isHarmless: Bool)] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  private mutating func next() -> Int { Int(bytes.popFirst() ?? 0) }

  /// Makes the file, and compares what the guard says of each dataset with what is known.
  func check(at path: String) throws {
    var program = self
    // Sets libhdf5 up.
    _ = Library.openObjectCount
    guard program.make(at: path) else { return }
    let file = try HDF5File(opening: path)
    for (name, isHarmless) in program.expected {
      var refusal: HDF5Error?
      do throws(HDF5Error) {
        let dataset = try file.dataset(name)
        if dataset.elementType.isNumber { _ = try dataset.read(as: Float.self) }
      } catch { refusal = error }
      precondition((refusal == nil) == isHarmless, "\(name): \(refusal?.description ?? "let through")")
    }
    do throws(HDF5Error) {
      _ = try file.examine()
      precondition(program.expected.allSatisfy(\.isHarmless), "a harmful dataset was passed by")
    } catch {}
    try FuzzTarget.readHDF5(path)
  }

  /// Runs the program; false where nothing came of it.
  private mutating func make(at path: String) -> Bool {
    let file = H5Fcreate(path, h5_truncate(), 0, 0)
    guard file >= 0 else { return false }
    var groups = ["/"]
    let names = [
      "a", "b", "data", "layers", "vars", "0", "1", "model_weights", "kernel:0", "w.weight", "images", "d e",
    ]
    for _ in 0..<24 where !bytes.isEmpty {
      let parent = groups[next() % groups.count]
      let path = (parent == "/" ? "/" : parent + "/") + names[next() % names.count]
      guard H5Lexists(file, path, 0) <= 0 else { continue }
      switch next() % 6 {
      case 0:
        let group = H5Gcreate2(file, path, 0, 0, 0)
        if group >= 0 {
          groups.append(path)
          H5Gclose(group)
        }
      case 1: H5Lcreate_hard(file, groups[next() % groups.count], file, path, 0, 0)
      case 2: H5Lcreate_soft(groups[next() % groups.count] + (next() % 2 == 0 ? "" : "/../x"), file, path, 0, 0)
      case 3: attribute(of: file, groups[next() % groups.count], names[next() % names.count])
      default: dataset(file, path)
      }
    }
    return H5Fclose(file) >= 0
  }

  private mutating func dataset(_ file: hid_t, _ path: String) {
    let rank = next() % 4
    var extents = (0..<rank).map { _ in hsize_t(next() % 5) }
    let isBomb = next() % 16 == 0 && rank > 1
    if isBomb { (extents[0], extents[1]) = (1 << 31, 1 << (next() % 2 == 0 ? 10 : 32)) }
    let space = rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(rank), extents, nil)
    let (type, isPlain) = type()
    let properties = H5Pcreate(h5_dataset_create())
    defer {
      H5Sclose(space)
      H5Tclose(type)
      H5Pclose(properties)
    }
    var isHarmless = !isBomb
    let layout = next() % 5
    let isChunked = (layout == 1 || layout == 2) && rank > 0
    if isChunked {
      H5Pset_chunk(properties, Int32(rank), (0..<rank).map { max(1, min(extents[$0], hsize_t(1 + next() % 4))) })
      let filters = next()
      if filters & 1 != 0 { H5Pset_shuffle(properties) }
      if filters & 2 != 0 { H5Pset_deflate(properties, 1) }
      if filters & 4 != 0 { H5Pset_fletcher32(properties) }
      if filters & 24 == 8, isPlain { isHarmless = H5Pset_nbit(properties) < 0 && isHarmless }
      if filters & 24 == 16, isPlain {
        isHarmless = H5Pset_scaleoffset(properties, H5Z_SO_INT, 0) < 0 && isHarmless
      }
    } else if layout == 3 {
      if H5Pset_external(properties, "/etc/hostname", 0, 1 << 20) >= 0 { isHarmless = false }
    } else if layout == 4, rank > 0 {
      let source = H5Screate_simple(Int32(rank), extents, nil)
      if H5Pset_virtual(properties, space, "other.h5", "x", source) >= 0 { isHarmless = false }
      H5Sclose(source)
    } else if layout == 0, !isBomb {
      H5Pset_layout(properties, H5D_COMPACT)
    }
    let dataset = H5Dcreate2(file, path, type, space, 0, properties, 0)
    guard dataset >= 0 else { return }
    H5Dclose(dataset)
    // An odd type is refused when it is read; one of no numbers is not read.
    let isRead = ElementKind.isNumber(type)
    expected.append((path, isHarmless && (isPlain || !isRead)))
  }

  private mutating func attribute(of file: hid_t, _ group: String, _ name: String) {
    let object = H5Oopen(file, group, 0)
    guard object >= 0 else { return }
    defer { H5Oclose(object) }
    var extents = [hsize_t(next() % 4)]
    let space = H5Screate_simple(1, &extents, nil)
    let (type, _) = type()
    let known = ["layer_names", "weight_names", "keras_version", "backend", "nb_layers", "format", "version", name]
    let attribute = H5Acreate2(object, known[next() % known.count], type, space, 0, 0)
    if attribute >= 0 {
      let values = [UInt8](repeating: UInt8(truncatingIfNeeded: next()), count: 4096)
      if H5Tget_class(type) != H5T_VLEN, H5Tis_variable_str(type) <= 0 { H5Awrite(attribute, type, values) }
      H5Aclose(attribute)
    }
    H5Sclose(space)
    H5Tclose(type)
  }

  /// A type, and whether it is a plain number.
  private mutating func type() -> (hid_t, Bool) {
    let native = [
      h5_native_uint8(), h5_native_int32(), h5_native_uint32(), h5_native_int64(), h5_native_float(),
      h5_native_double(),
    ]
    let choice = next() % 16
    if choice < 8 { return (H5Tcopy(native[choice % native.count]), true) }
    switch choice {
    case 8:
      let type = H5Tcopy(h5_c_string())
      H5Tset_size(type, h5_variable_length())
      return (type, false)
    case 9:
      let type = H5Tcopy(h5_c_string())
      H5Tset_size(type, 1 + next() % 32)
      return (type, false)
    case 10:
      let type = H5Tcreate(H5T_COMPOUND, 8)
      H5Tinsert(type, "x", 0, h5_native_float())
      return (type, false)
    case 11: return (H5Tvlen_create(h5_native_float()), false)
    case 12: return (H5Tcreate(H5T_OPAQUE, 1 + next() % 16), false)
    case 13:
      // Exponents and mantissas of unusual sizes are converted; those of no directory are libhdf5's to refuse.
      let type = H5Tcopy(h5_native_float())
      let exponent = 1 + next() % 24
      H5Tset_fields(type, 31, 31 - exponent, exponent, 0, 31 - exponent)
      return (type, exponent <= 15)
    case 14:
      let type = H5Tcopy(h5_native_int64())
      let size = 1 + next() % 16
      H5Tset_size(type, size)
      return (type, [1, 2, 4, 8].contains(size))
    default:
      let type = H5Tcopy(h5_native_int32())
      H5Tset_precision(type, 1 + next() % 32)
      H5Tset_offset(type, next() % 32)
      let size = H5Tget_size(type)
      return (type, [1, 2, 4, 8].contains(size))
    }
  }
}

private enum ElementKind {
  /// Whether the reader will convert it.
  static func isNumber(_ type: hid_t) -> Bool {
    H5Tget_class(type) == H5T_INTEGER || H5Tget_class(type) == H5T_FLOAT
  }
}
