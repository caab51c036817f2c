import HDF5
internal import Images
internal import Support
internal import Tensors

/// Everything in a dataset file but its header and pixels, read whole and checked: about 40 bytes per image, and the names
/// of files.
struct DatasetTables: Sendable {
  private let offsets: [Int64]
  let heights: [Int32]
  let widths: [Int32]
  /// For each region its image, its class and, unless there are no boxes, four sides.
  let images: [Int64]
  let labels: [Int32]
  let boxes: [Float]
  /// For each split its regions in increasing order.
  let samples: [Split: [Int]]
  /// The names of the files that the images came from.
  let files: FileNames
  /// For each encoded image the CRC-32 of its bytes and that of its samples; empty unless images are encoded.
  let byteChecksums: [UInt32]
  let sampleChecksums: [UInt32]
  /// The samples of all images together.
  let pixelCount: Int
  /// The elements of the array that holds the images: their samples or their encoded bytes.
  let storedCount: Int

  init(of file: borrowing HDF5File, header: DatasetHeader) throws(FileError) {
    heights = try file.values(DatasetSchema.heights, .int32)
    let imageCount = heights.count
    widths = try file.values(DatasetSchema.widths, .int32, count: imageCount)
    offsets = try file.values(DatasetSchema.offsets, .int64, count: imageCount)
    images = try file.values(DatasetSchema.regionImages, .int64)
    labels = try file.values(DatasetSchema.regionLabels, .int32, count: images.count)
    boxes =
      file.exists(DatasetSchema.regionBoxes)
      ? try file.values(DatasetSchema.regionBoxes, .float, count: images.count, columns: 4) : []

    guard imageCount > 0 else { throw file.refusal(of: DatasetSchema.heights, "there are no images") }
    guard images.count > 0 else { throw file.refusal(of: DatasetSchema.regionImages, "there are no regions") }
    let isEncoded = header.storage == .encoded
    (byteChecksums, sampleChecksums) =
      isEncoded
      ? (
        try file.values(DatasetSchema.byteChecksums, .uint32, count: imageCount),
        try file.values(DatasetSchema.sampleChecksums, .uint32, count: imageCount)
      ) : ([], [])
    var end = 0
    for index in 0..<imageCount {
      let (height, width) = (Int(heights[index]), Int(widths[index]))
      // 2^40 pixels per image and 2^60 bytes in all keep every sum within 64 bits.
      guard height > 0, width > 0, height * width <= 1 << 40, end <= 1 << 60 else {
        throw file.refusal(of: DatasetSchema.heights, "image \(index) has \(width) x \(height) pixels")
      }
      guard isEncoded || Int(offsets[index]) == end else {
        throw file.refusal(
          of: DatasetSchema.offsets, "image \(index) begins at \(offsets[index]), expected \(end), where the last ends")
      }
      end += height * width * header.channels
    }
    pixelCount = end
    storedCount = isEncoded ? try Self.encodedCount(of: file, offsets: offsets) : end

    for region in images.indices {
      guard images[region] >= 0, images[region] < imageCount else {
        throw file.refusal(
          of: DatasetSchema.regionImages,
          "region \(region) belongs to image \(images[region]), which does not exist; expected 0 to \(imageCount - 1)")
      }
      guard labels[region] >= 0, labels[region] < header.classNames.count else {
        throw file.refusal(
          of: DatasetSchema.regionLabels,
          "region \(region) has label \(labels[region]), expected 0 to \(header.classNames.count - 1)")
      }
      if boxes.isEmpty { continue }
      let sides = Array(boxes[4 * region..<4 * region + 4])
      if sides.allSatisfy(\.isNaN) { continue }
      let image = Int(images[region])
      let box = Box(x1: sides[0], y1: sides[1], x2: sides[2], y2: sides[3])
      let (height, width) = header.pixels(ofHeight: Int(heights[image]), width: Int(widths[image]))
      if let problem = box.problem(height: height, width: width) {
        throw file.refusal(of: DatasetSchema.regionBoxes, "region \(region) \(problem)")
      }
    }
    samples = try Self.samples(of: file, images: images, imageCount: imageCount)
    files = try Self.files(of: file, imageCount: imageCount)
  }

  /// Height and width of an image.
  func extent(of index: Int) -> Extent { Extent(height: Int(heights[index]), width: Int(widths[index])) }

  /// The place of an image in the array of all.
  func range(of index: Int) -> Range<Int> {
    Int(offsets[index])..<(index + 1 < offsets.count ? Int(offsets[index + 1]) : storedCount)
  }

  /// The bytes of all encoded images, which lie one after another, each of 1 byte to 1 GiB.
  private static func encodedCount(of file: borrowing HDF5File, offsets: [Int64]) throws(FileError) -> Int {
    let count = try withFileErrors { () throws(HDF5Error) in try file.dataset(DatasetSchema.encoded).shape.first ?? 0 }
    for (index, start) in offsets.enumerated() {
      let end = index + 1 < offsets.count ? offsets[index + 1] : Int64(count)
      guard index > 0 || start == 0, start >= 0, end > start, end - start <= Int64(DecodedImage.byteLimit) else {
        throw file.refusal(
          of: DatasetSchema.offsets,
          "encoded image \(index) lies at \(start) to \(end), expected 1 to \(DecodedImage.byteLimit) bytes after the last"
        )
      }
    }
    return count
  }

  private static func files(of file: borrowing HDF5File, imageCount: Int) throws(FileError) -> FileNames {
    guard file.exists(DatasetSchema.files) else { return FileNames() }
    let size = try withFileErrors { () throws(HDF5Error) in try file.dataset(DatasetSchema.files).shape.first ?? 0 }
    guard size <= FileNames.limit else {
      throw file.refusal(of: DatasetSchema.files, "\(size) bytes of names, expected at most \(FileNames.limit)")
    }
    let bytes: [UInt8] = try file.values(DatasetSchema.files, .uint8)
    guard let files = FileNames(bytes: bytes, count: imageCount) else {
      throw file.refusal(of: DatasetSchema.files, "expected \(imageCount) names in UTF-8, a zero byte after each")
    }
    return files
  }

  private static func samples(
    of file: borrowing HDF5File, images: [Int64], imageCount: Int
  ) throws(FileError) -> [Split: [Int]] {
    var indices: [Split: [Int]] = [:]
    for split in Split.allCases where file.exists(DatasetSchema.indices(of: split)) {
      let values: [Int64] = try file.values(DatasetSchema.indices(of: split), .int64)
      indices[split] = values.map { Int($0) }
    }
    if let problem = problem(ofSplits: indices, imageCount: imageCount) { throw file.refusal(of: "/splits", problem) }
    var splitOfImage = [Split?](repeating: nil, count: imageCount)
    for split in Split.allCases { for index in indices[split] ?? [] { splitOfImage[index] = split } }
    var samples: [Split: [Int]] = [:]
    for (region, image) in images.enumerated() {
      if let split = splitOfImage[Int(image)] { samples[split, default: []].append(region) }
    }
    return samples
  }
}

extension DatasetHeader {
  /// The header of a dataset file.
  init(of file: borrowing HDF5File) throws(FileError) {
    func text(_ name: String) throws(FileError) -> String {
      try withFileErrors { () throws(HDF5Error) in try file.string(ofAttribute: name) }
    }
    func number(_ name: String) throws(FileError) -> Int {
      try withFileErrors { () throws(HDF5Error) in try file.number(ofAttribute: name, as: Int.self) }
    }
    guard file.hasAttribute("format"), try text("format") == DatasetSchema.format else {
      throw file.refusal(
        of: "/", "its attribute format is not \(DatasetSchema.format); make a dataset with bulkhead prepare")
    }
    let version = try number("version")
    guard let storage = ImageStorage.allCases.first(where: { DatasetSchema.version(of: $0) == version }) else {
      throw file.refusal(
        of: "/", "it has version \(version), expected 1 or 2; make it again with bulkhead prepare")
    }
    let classes = try withFileErrors { () throws(HDF5Error) in try file.dataset(DatasetSchema.classes) }
    let classNames = try withFileErrors { () throws(HDF5Error) in try classes.readStrings() }
    try classes.requireChecksum(DatasetSchema.checksum(of: classNames))
    var features: FeatureOrigin?
    if file.hasAttribute("backbone") {
      let scale = try withFileErrors { () throws(HDF5Error) in try file.number(ofAttribute: "scale", as: Float.self) }
      features = FeatureOrigin(scale: scale, backbone: try text("backbone"))
    }
    func side(_ name: String) throws(FileError) -> Int? { file.hasAttribute(name) ? try number(name) : nil }
    let resizing = ImageResizing(
      shorter: try side("shorter"), square: try side("square"), crop: try side("crop"))
    self.init(
      name: try text("name"), source: try text("source"), license: try text("licence"), classNames: classNames,
      channels: try number("channels"), features: features, resizing: resizing.ifAny, storage: storage)
    if let problem { throw file.refusal(of: "/", problem) }
  }
}

extension HDF5Object where Self: ~Copyable {
  /// Something in the file that is not as a dataset's should be.
  borrowing func refusal(of object: String, _ reason: String) -> FileError {
    FileError(what: "cannot use the dataset: \(object): \(reason)", path: filePath)
  }
}

extension HDF5File {
  /// The numbers of a dataset whose type, shape (`[count]` or `[count, columns]`) and checksum are as they should be.
  borrowing func values<Element: HDF5Element>(
    _ name: String, _ type: ElementType, count: Int? = nil, columns: Int? = nil
  ) throws(FileError) -> [Element] {
    let dataset = try withFileErrors { () throws(HDF5Error) in try self.dataset(name) }
    let rows = count ?? dataset.shape.first ?? 0
    try dataset.require(type, shape: [rows] + (columns.map { [$0] } ?? []))
    let values = try withFileErrors { () throws(HDF5Error) in try dataset.read(as: Element.self) }
    try dataset.requireChecksum(DatasetSchema.checksum(of: values))
    return values
  }
}

extension HDF5Dataset {
  /// Throws unless the dataset has that type and shape.
  borrowing func require(_ type: ElementType, shape wanted: [Int]) throws(FileError) {
    guard elementType == type, shape == wanted else {
      throw refusal(of: path, "it holds \(elementType) of shape \(shape), expected \(type) of shape \(wanted)")
    }
  }

  /// Throws unless this is the checksum that was stored with the values.
  borrowing func requireChecksum(_ checksum: UInt32) throws(FileError) {
    let stored = try withFileErrors { () throws(HDF5Error) in
      try number(ofAttribute: DatasetSchema.checksum, as: UInt32.self)
    }
    guard stored == checksum else {
      throw refusal(
        of: path,
        "its values changed since they were written (checksum \(checksum), expected \(stored)); make it again")
    }
  }
}
