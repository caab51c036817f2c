import Datasets
import Foundation
import Images
import Support
import Tensors

/// Datasets of encoded images.
extension FuzzTarget {
  /// Reads bytes as the one image of a dataset; their last byte tells what it declares of them.
  static func readEncoded(_ bytes: [UInt8], in directory: FuzzDirectory) throws {
    let kind = bytes.last ?? 0
    let resizing = kind & 1 == 0 ? nil : ImageResizing(shorter: 9, crop: 5)
    let image = try? Image(decoding: bytes, name: "in", pixelLimit: 1 << 16).converted(toChannels: 3)
    let wanted = image.map { resizing?.transform(of: $0.extent).image($0) ?? $0 }
    var extent = wanted?.extent ?? Extent(height: 4, width: 3)
    if kind & 2 != 0 { extent.width += 1 }
    let path = directory.path("in.h5")
    var writer = try DatasetWriter(
      path: path,
      header: DatasetHeader(
        name: "fuzz", source: "", license: "", classNames: ["a"], channels: 3, resizing: resizing, storage: .encoded))
    let checksum = wanted.map { CRC32(of: $0.pixels).value } ?? 0
    try writer.append(
      EncodedImage(bytes: bytes, extent: extent, checksum: checksum ^ UInt32(kind & 4)),
      regions: [LabeledRegion(label: 0)])
    try writer.finish(splits: [.train: [0]])
    let dataset = try Dataset(opening: path, memoryLimit: kind & 8 == 0 ? Dataset.defaultMemoryLimit : 0)
    do throws(FileError) {
      let part = try dataset.image(at: 0, covering: Extent(side: 2))
      precondition(part.height >= 2 || extent.height < 3, "a part of \(part.height) rows")
    } catch {}
    let found = try dataset.image(at: 0)
    precondition(kind & 6 == 0 && found == wanted, "another image than was declared")
    try dataset.verify()
  }
}
