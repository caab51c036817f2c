import Datasets
import Foundation
import Images
import Support

/// Sources of datasets, through the whole preparation.
extension FuzzTarget {
  func prepare(_ bytes: [UInt8], in directory: FuzzDirectory) throws {
    for source in try sources(bytes, directory) {
      var preparation = Preparation(source: source, name: "fuzz", origin: "", license: "")
      if self == .proposals { preparation.proposals = try directory.put(bytes, "in.bin") }
      preparation.classNames = [.voc, .coco, .boxes, .proposals, .files].contains(self) ? nil : ["a", "b", "c"]
      do throws(FileError) { _ = try preparation.run(writingTo: directory.path("out.h5")) } catch {}
    }
  }

  /// Bytes once as the images and once as their labels, beside a good file of the other.
  private func sources(_ bytes: [UInt8], _ directory: FuzzDirectory) throws -> [PreparationSource] {
    let square = ImageLayout(height: 4, width: 4, channels: 1)
    let reading = PreparationSource.ArrayReading()
    switch self {
    case .npy:
      let path = try directory.put(bytes, "in.npy")
      return [
        .npy(train: .init(images: path, labels: FuzzDirectory.fixture("labels64.npy")), test: nil, reading),
        .npy(
          train: .init(images: path, labels: FuzzDirectory.fixture("labels64.npy")), test: nil,
          .init(axes: ArrayAxes("WHN"), minimum: -1e9, maximum: 1e9)),
        .npy(train: .init(images: FuzzDirectory.fixture("images.npy"), labels: path), test: nil, reading),
      ]
    case .idx:
      let path = try directory.put(bytes, "in.idx")
      return [
        .idx(train: .init(images: path, labels: FuzzDirectory.fixture("labels.idx")), test: nil),
        .idx(train: .init(images: FuzzDirectory.fixture("images.idx"), labels: path), test: nil),
      ]
    case .csv:
      let path = try directory.put(bytes, "in.csv")
      return [LabelColumn.first, .last].map { .csv(train: path, test: nil, label: $0, reading) }
        + [.csv(train: path, test: nil, label: .named("label"), reading, text: .init(encoding: "windows-1252"))]
    case .raw:
      let path = try directory.put(bytes, "in.raw")
      return [
        .raw(
          images: RawBuffer(path: path, start: .after([0x42, 0x00])), labels: RawBuffer(path: path, start: .offset(0)),
          count: 2, layout: square)
      ]
    case .files:
      let path = try directory.put(bytes, "in.csv")
      return [false, true].map { skipsMissing in
        var table = FileTable(path: path, images: FuzzDirectory.fixture("folder/cat"))
        table.skipsMissing = skipsMissing
        return .files(table)
      }
    case .proposals:
      let path = try directory.put(Array("a.png,0,0,2,2,x\nb.png,1,1,3,3,x\n".utf8), "boxes.csv")
      return [
        .boxes(.csv, train: .init(images: FuzzDirectory.fixture("folder/cat"), labels: path), test: nil)
      ]
    case .coco, .boxes:
      let path = try directory.put(bytes, "in.json")
      return [
        .boxes(
          self == .coco ? .coco : .csv, train: .init(images: FuzzDirectory.fixture("folder/cat"), labels: path),
          test: nil,
          BoxReading(keepsMarked: true, skipsInvalid: true))
      ]
    default:
      let path = try directory.put(bytes, "voc/in.xml")
      return [
        .boxes(
          .voc,
          train: .init(
            images: FuzzDirectory.fixture("folder/cat"),
            labels: URL(fileURLWithPath: path).deletingLastPathComponent().path),
          test: nil)
      ]
    }
  }
}
