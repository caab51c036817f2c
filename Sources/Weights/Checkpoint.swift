internal import HDF5
package import Support
package import Tensors

/// All that a training run needs to resume bit for bit: parameters, the optimizer's tensors and the state of everything
/// else.
///
/// On disk one HDF5 file: `/model_weights` in Keras's legacy layout, the optimizer's tensors at their names, such as
/// `/velocity/head.fc6.bias`, and at the root `format`, `version`, `state`, and names in order: `parameters`, `velocities`
/// (without `velocity/`) and, where the optimizer keeps others than velocities, `optimizer`. A seal at its end holds a
/// checksum over every byte of it, which is compared before anything is read.
package struct Checkpoint: Sendable, Equatable {
  /// The network's parameters under their paths, such as `head.fc6.bias`.
  package var parameters: Parameters
  /// The optimizer's tensors, by kind and parameter: `velocity/head.fc6.bias`.
  package var optimizer: Parameters
  /// JSON of the trainer's.
  package var state: String

  /// The value of the attribute `format` at the file's root.
  package static let format = "bulkhead-checkpoint"
  private static let version = 2
  private static let velocity = "velocity/"

  /// A checkpoint of these parts.
  package init(parameters: Parameters, optimizer: Parameters, state: String) {
    self.parameters = parameters
    self.optimizer = optimizer
    self.state = state
  }

  /// Writes the checkpoint; the file appears whole, read back from the disk, or not at all.
  ///
  /// - Parameter beforeRenaming: called when the new file is whole and the previous one still there.
  /// - Throws: `FileError` where the disk is full or the file cannot be written; the previous file is then untouched.
  package func write(to path: String, beforeRenaming: () -> Void = {}) throws(FileError) {
    let layout = KerasLayout(try LayerWeights.layers(of: parameters, path: path), under: "/model_weights")
    let optimizerDatasets = optimizer.map { $0.tensor.dataset(at: "/" + $0.name) }
    let velocities = optimizer.names.filter { $0.hasPrefix(Self.velocity) }.map {
      String($0.dropFirst(Self.velocity.count))
    }
    let others = optimizer.names.filter { !$0.hasPrefix(Self.velocity) }
    let groups = Set(others.map { String($0.prefix { $0 != "/" }) }).sorted()
    try HDF5Writer.write(
      to: path, values: layout.datasets + optimizerDatasets, beforeRenaming: beforeRenaming
    ) { file throws(HDF5Error) in
      try file.setAttribute("format", to: Self.format)
      try file.setAttribute("version", to: Self.version)
      try file.setAttribute("state", to: state)
      try file.setStrings("parameters", to: parameters.names)
      try file.setStrings("velocities", to: velocities)
      if !others.isEmpty { try file.setStrings("optimizer", to: others) }
      try layout.writeStructure(to: file)
      for group in ["velocity"] + groups { try file.createGroup(group) }
    }
  }

  /// Reads a checkpoint.
  ///
  /// - Throws: `FileError` where the file is missing, is not a checkpoint, is of a later version or is damaged.
  package init(reading path: String) throws(FileError) {
    let seal = try Seal(unbroken: path)
    let file = try withFileErrors { () throws(HDF5Error) in try HDF5File(opening: path) }
    let (format, version) = try withFileErrors { () throws(HDF5Error) in
      guard file.hasAttribute("format"), file.hasAttribute("version") else { return ("", 0) }
      return (try file.string(ofAttribute: "format"), try file.number(ofAttribute: "version", as: Int.self))
    }
    guard format == Self.format else {
      throw FileError(
        what: "it is not a checkpoint", path: path, expected: "an attribute format with the value \(Self.format)",
        action: "weights alone can start a run but not resume one")
    }
    guard version == Self.version else {
      throw FileError(
        what: "it is a checkpoint of version \(version)", path: path, expected: "version \(Self.version)",
        action: "resume it with the program that wrote it")
    }
    guard seal == .intact else {
      throw FileError(
        what: "it has no checksum at its end: it was cut off or changed by another program", path: path,
        action: "use an earlier file or a copy")
    }
    parameters = Parameters()
    optimizer = Parameters()
    state = try withFileErrors { () throws(HDF5Error) in try file.string(ofAttribute: "state") }
    try withFileErrors { () throws(HDF5Error) in
      for name in try file.stringsIfAny("parameters") ?? [] {
        let place = ParameterName(name).map { KerasLayout.datasetPath(of: $0) } ?? name
        parameters[name] = try Tensor(reading: file.dataset("/model_weights/" + place))
      }
      let velocities = try file.stringsIfAny("velocities") ?? []
      for name in try velocities.map({ Self.velocity + $0 }) + (file.stringsIfAny("optimizer") ?? []) {
        optimizer[name] = try Tensor(reading: file.dataset("/" + name))
      }
    }
  }
}

extension WeightsFile {
  /// Reads a whole file that a run wrote, and compares the checksum at its end.
  ///
  /// - Throws: `FileError` where the file is missing, damaged, or has no checksum.
  package static func requireChecksum(of path: String) throws(FileError) {
    guard FileSystem.exists(path) else { throw FileError.missing(path) }
    guard try Seal(unbroken: path) == .intact else {
      throw FileError(
        what: "it has no checksum at its end: it was cut off or changed by another program", path: path,
        action: "use a copy")
    }
  }
}

extension Seal {
  /// The seal of a file: intact, or missing. An unreadable file counts as missing; opening it gives the error.
  ///
  /// - Throws: `FileError` where the file is not what was sealed.
  init(unbroken path: String) throws(FileError) {
    let seal = (try? Seal(of: path)) ?? .missing
    if case .broken(let expected, let found) = seal {
      throw FileError(
        what: "its checksum is \(found), not \(expected) as recorded: the file is damaged", path: path,
        action: "use an earlier file or a copy")
    }
    self = seal
  }
}

extension Parameters {
  /// CRC-32 over names and values in order.
  package var checksum: UInt32 {
    var checksum = CRC32()
    for (name, tensor) in self {
      checksum.add(name)
      checksum.add(tensor)
    }
    return checksum.value
  }
}
