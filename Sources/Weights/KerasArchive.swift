internal import Foundation
internal import HDF5
internal import Serialization
internal import Support
internal import Tensors

/// A Keras 3 archive, `.keras`: a ZIP file of `config.json` (the model), `model.weights.h5` and `metadata.json`.
///
/// libhdf5 reads files alone, so the weights are unpacked into a file of no name, which is gone with this value.
final class KerasArchive: TensorStore {
  /// The most bytes of weights that are unpacked, and of the model's configuration.
  private static let limits = (weights: 64 << 30, configuration: 64 << 20)

  let model: KerasOutline?
  private let weights: HDF5Store
  private let configuration: String
  private let path: String
  /// The path that the unpacked weights had, for messages.
  private let temporary: String

  /// Whether an archive is one of Keras's.
  static func isLikely(_ archive: ZipArchive) -> Bool {
    archive["config.json"] != nil && archive.entries.contains { $0.name.hasPrefix("model.weights.") }
  }

  /// - Throws: `FileError` for a damaged archive, and one whose weights are in parts.
  init(opening path: String) throws(FileError) {
    let archive = try ZipArchive(opening: path)
    guard let json = archive["config.json"], let entry = archive["model.weights.h5"] else {
      throw FileError(
        what: "it is a ZIP archive without config.json and model.weights.h5", path: path, expected: "a Keras 3 archive",
        action: "save the model again with model.save, in one part")
    }
    guard entry.size <= Self.limits.weights else {
      throw FileError(what: "its weights have \(entry.size) bytes", path: path, expected: "at most 64 GiB")
    }
    let text = try archive.read(json, limit: Self.limits.configuration)
    guard let configuration = String(validating: text, as: UTF8.self) else {
      throw FileError(what: "its config.json is not UTF-8 text", path: path)
    }
    (self.path, self.configuration, model) = (path, configuration, KerasOutline(json: configuration))
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("bulkhead-\(UUID().uuidString)").path
    // An open file stays readable when its name is gone: this one is removed at the end of this block.
    let unpacked = try AtomicFile(replacing: place)
    temporary = unpacked.temporaryPath
    do throws(FileError) {
      var offset = 0
      try archive.unpack(entry) { piece throws(FileError) in
        let bytes = Array(piece)
        try unpacked.file.write(bytes.span, at: offset)
        offset += bytes.count
      }
      weights = try HDF5Store(opening: unpacked.temporaryPath, readsInPlace: false)
    } catch { throw Self.named(error, unpacked.temporaryPath, archive.path(of: entry)) }
  }

  /// The listing of the weights.
  func listing(forced: FlattenOrder?) throws(FileError) -> WeightsListing? {
    try inArchive { () throws(FileError) in
      guard
        var listing = try withFileErrors({ () throws(HDF5Error) in
          try Keras3Layout.listing(of: weights.file, model: model, forced: forced)
        })
      else { return nil }
      listing.layout = listing.layout.replacing("Keras 3 .weights.h5", with: "Keras 3 archive")
      listing.leftovers += try weights.leftovers(besides: listing)
      return listing
    }
  }

  func whole(_ stored: WeightsFile.StoredTensor) throws(FileError) -> (values: Tensor, isFinite: Bool) {
    try inArchive { () throws(FileError) in try weights.whole(stored) }
  }

  func rows(_ range: Range<Int>, of stored: WeightsFile.StoredTensor) throws(FileError) -> [Float] {
    try inArchive { () throws(FileError) in try weights.rows(range, of: stored) }
  }

  func note(_ name: String) throws(FileError) -> String? { name == "model_config" ? configuration : nil }

  /// Errors name the archive, not the file that its weights were unpacked into.
  private func inArchive<Value>(_ body: () throws(FileError) -> Value) throws(FileError) -> Value {
    do throws(FileError) { return try body() } catch {
      throw Self.named(error, temporary, "\(path):model.weights.h5")
    }
  }

  private static func named(_ error: FileError, _ place: String, _ name: String) -> FileError {
    FileError(message: error.message.replacing(place, with: name), kind: error.kind)
  }
}
