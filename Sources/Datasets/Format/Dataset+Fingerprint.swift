import HDF5
package import Support

extension Dataset {
  /// The version of the library that reads its file.
  package static var libraryVersion: String { Library.version }

  /// A dataset's content as one text: the checksums that its file keeps of every array, nothing else being read.
  ///
  /// Equal texts, equal data; names, sources and licenses do not count.
  /// - Throws: `FileError` where the file cannot be read or lacks a checksum.
  package static func fingerprint(of path: String) throws(FileError) -> String {
    let file = try withFileErrors { () throws(HDF5Error) in try HDF5File(opening: path) }
    return try withFileErrors { () throws(HDF5Error) in
      var text = ""
      let arrays = [
        DatasetSchema.pixels, DatasetSchema.encoded, DatasetSchema.sampleChecksums, DatasetSchema.heights,
        DatasetSchema.widths, DatasetSchema.regionImages,
        DatasetSchema.regionLabels, DatasetSchema.regionBoxes, DatasetSchema.classes,
      ]
      for name in arrays + Split.allCases.map({ DatasetSchema.indices(of: $0) }) + DatasetSchema.detectionArrays {
        guard file.exists(name) else { continue }
        let checksum = try file.dataset(name).number(ofAttribute: DatasetSchema.checksum, as: UInt32.self)
        text += "\(name) \(checksum)\n"
      }
      return text
    }
  }
}
