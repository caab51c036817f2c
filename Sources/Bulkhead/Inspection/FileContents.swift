package import Datasets
internal import HDF5
package import Support
package import Weights

/// What a file holds, found out from the file itself.
package enum FileContents: Sendable {
  case dataset(Dataset)
  case weights(WeightsFile)
  /// A training state; its weights, and the trainer's own JSON.
  case checkpoint(WeightsFile, state: String)
  /// A file of some other program.
  case objects([StoredObject])

  /// A dataset of some other program's file.
  package struct StoredObject: Sendable, Equatable {
    /// Its path in the file.
    package let path: String
    /// Its extents, the slowest first.
    package let shape: [Int]
    /// Type of its elements, such as `float32`.
    package let elementType: String
  }

  /// - Parameter part: the state dictionary to take of a torch file that has several.
  /// - Throws: `FileError` where the file is missing or damaged.
  package init(of path: String, part: String? = nil) throws(FileError) {
    let layout = try WeightsFormat(of: path)
    guard layout?.isHDF5 != false, part == nil else {
      self = .weights(try WeightsFile(opening: path, as: layout, part: part))
      return
    }
    let file = try withFileErrors { () throws(HDF5Error) in try HDF5File(opening: path) }
    let format = try withFileErrors { () throws(HDF5Error) in
      file.hasAttribute("format") ? try file.string(ofAttribute: "format") : ""
    }
    if format == DatasetSchema.format {
      self = .dataset(try Dataset(opening: path))
    } else if format == Checkpoint.format {
      let state = try withFileErrors { () throws(HDF5Error) in try file.string(ofAttribute: "state") }
      self = .checkpoint(try WeightsFile(opening: path), state: state)
    } else if let layout {
      self = .weights(try WeightsFile(opening: path, as: layout))
    } else {
      let objects = try withFileErrors { () throws(HDF5Error) in
        var objects: [StoredObject] = []
        try Self.list(file, into: &objects, depth: 0)
        return objects
      }
      self = .objects(objects)
    }
  }

  /// Lists at most 10,000 datasets, at most 32 groups deep.
  private static func list(
    _ container: borrowing some HDF5Container & ~Copyable, into objects: inout [StoredObject], depth: Int
  ) throws(HDF5Error) {
    for child in try container.children() where objects.count < 10_000 && depth < 32 {
      switch child.kind {
      case .dataset:
        let dataset = try container.dataset(child.name)
        objects.append(
          StoredObject(path: dataset.path, shape: dataset.shape, elementType: dataset.elementType.description))
      case .group: try list(container.group(child.name), into: &objects, depth: depth + 1)
      case .datatype, .brokenLink, .externalLink: break
      }
    }
  }
}
