import HDF5
import Images
internal import Support

/// Images and labels in two arrays of any HDF5 file, read one by one so that memory does not grow with them.
struct HDF5Images: ImageSource {
  private let layout: ImageLayout
  private let arrays: Arrays
  private let labels: [Int]
  private let maximum: Double

  /// The open array of images.
  private final class Arrays: Sendable {
    let images: HDF5Dataset
    init(_ images: consuming HDF5Dataset) { self.images = images }
  }

  /// - Parameters:
  ///   - images: path in the file of an array `[N, H, W]`, `[N, H, W, C]` or `[N, values]`.
  ///   - labels: path in the file of an array `[N]`.
  /// - Throws: `FileError` if the file or the arrays are missing or do not belong together.
  init(
    path: String, images: String, labels: String, layout: ImageLayout?, maximum: Double
  ) throws(FileError) {
    self.maximum = maximum
    let file = try withFileErrors { () throws(HDF5Error) in try HDF5File(opening: path) }
    arrays = Arrays(try withFileErrors { () throws(HDF5Error) in try file.dataset(images) })
    let array = try withFileErrors { () throws(HDF5Error) in try file.dataset(labels) }
    let labelShape = array.shape
    guard array.elementType.isInteger, labelShape.count == 1 || labelShape.count == 2 && labelShape[1] == 1 else {
      throw FileError(
        what: "labels are \(array.elementType) of shape \(labelShape)", path: "\(path):\(labels)",
        expected: "whole numbers of shape [N]", action: "give the array of labels")
    }
    self.labels = try withFileErrors { () throws(HDF5Error) in try array.read(as: Int.self) }
    let shape = arrays.images.shape
    self.layout = try ImageLayout(of: shape, given: layout, path: "\(path):\(images)")
    try requireLabels(self.labels.count, forImages: shape[0], path: path)
  }

  var count: Int { labels.count }
  func label(at index: Int) -> Int { labels[index] }
  func name(at index: Int) -> String { "\(arrays.images.filePath):\(arrays.images.path), image \(index)" }

  func image(at index: Int) throws(FileError) -> Image {
    let numbers = try withFileErrors { () throws(HDF5Error) in
      try arrays.images.read(rows: index..<index + 1, as: Double.self)
    }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(numbers.count)
    for number in numbers {
      guard let sample = Datasets.sample(number, maximum: maximum) else {
        throw FileError(
          what: "value \(number)", path: name(at: index), expected: "0 to \(maximum)",
          action: "set the largest value that the samples take")
      }
      pixels.append(sample)
    }
    return Image(height: layout.height, width: layout.width, channels: layout.channels, pixels: pixels)
  }
}

extension ElementType {
  /// Whether it is a whole number of some size.
  fileprivate var isInteger: Bool {
    switch self {
    case .uint8, .int32, .uint32, .int64: true
    case .other(let name): name.hasPrefix("int") || name.hasPrefix("uint")
    default: false
    }
  }
}
