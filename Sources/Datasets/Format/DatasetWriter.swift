import HDF5
package import Images
package import Support
internal import Tensors

/// Writes a dataset image by image into a temporary file, renamed over the target when complete.
///
/// Whatever fails, the target stays as it was and the file beside it is removed.
package struct DatasetWriter: ~Copyable {
  private let header: DatasetHeader
  private let path: String
  private let temporary: AtomicFile
  /// Its datasets are opened for each use: a file closes only after them.
  private let file: HDF5File

  /// Samples not yet handed to HDF5, and the checksum of all.
  private var pending: [UInt8] = []
  private var pendingFeatures: [Float] = []
  private var pixelChecksum: UInt32 = 0
  private var byteChecksums: [UInt32] = []
  private var sampleChecksums: [UInt32] = []
  private var offset: Int64 = 0
  private var offsets: [Int64] = []
  private var heights: [Int32] = []
  private var widths: [Int32] = []
  private var files = FileNames()
  private var regionImages: [Int64] = []
  private var regionLabels: [Int32] = []
  private var boxes: [Box?] = []
  private var detection = DetectionRecords()

  /// Begins a dataset that will lie at `path`.
  /// - Throws: `FileError` if the header cannot be or no file can be made there.
  package init(path: String, header: DatasetHeader) throws(FileError) {
    if let problem = header.problem { throw FileError(what: problem, path: path) }
    let temporary = try AtomicFile(replacing: path)
    let temporaryPath = temporary.temporaryPath
    let file = try withFileErrors { () throws(HDF5Error) in try HDF5File(creating: temporaryPath) }
    try withFileErrors { () throws(HDF5Error) in
      try file.setAttribute("format", to: DatasetSchema.format)
      try file.setAttribute("version", to: DatasetSchema.version(of: header.storage))
      try file.setAttribute("name", to: header.name)
      try file.setAttribute("source", to: header.source)
      try file.setAttribute("licence", to: header.license)
      try file.setAttribute("channels", to: header.channels)
      if let shorter = header.resizing?.shorter { try file.setAttribute("shorter", to: shorter) }
      if let square = header.resizing?.square { try file.setAttribute("square", to: square) }
      if let crop = header.resizing?.crop { try file.setAttribute("crop", to: crop) }
      guard let features = header.features else {
        // Encoded images would not become smaller.
        _ = try file.createDataset(
          header.storage.array, of: UInt8.self, shape: [0], chunk: [DatasetSchema.pixelChunk], extensible: true,
          gzip: header.storage == .samples ? 4 : nil)
        return
      }
      try file.setAttribute("scale", to: features.scale)
      try file.setAttribute("backbone", to: features.backbone)
      _ = try file.createDataset(
        DatasetSchema.pixels, of: Float.self, shape: [0], chunk: [DatasetSchema.featureChunk], extensible: true)
    }
    self.header = header
    self.path = path
    self.temporary = temporary
    self.file = file
  }

  /// The number of images so far.
  package var imageCount: Int { offsets.count }

  /// Appends an image with its regions and gives its index.
  /// - Parameters:
  ///   - proposals: boxes in the image that may hold objects.
  ///   - fileName: the file that it came from, as a path within the source; nil for none.
  /// - Throws: `FileError` for other channels than the header's, an unknown label or an impossible box.
  @discardableResult
  package mutating func append(
    _ image: Image, regions: [LabeledRegion], proposals: Proposals = Proposals(), fileName: String? = nil
  ) throws(FileError) -> Int {
    precondition(header.features == nil && header.storage == .samples, "DatasetWriter: samples for a dataset of others")
    let index = try enter(
      image.extent, image.channels, regions, proposals, fileName, stored: image.pixels.count)
    try add(image.pixels)
    return index
  }

  /// Appends an encoded image with its regions and gives its index.
  /// - Parameters:
  ///   - proposals: boxes in the image that may hold objects.
  ///   - fileName: the file that it came from, as a path within the source; nil for none.
  /// - Throws: `FileError` for no bytes or too many, an unknown label or an impossible box.
  @discardableResult
  package mutating func append(
    _ image: EncodedImage, regions: [LabeledRegion], proposals: Proposals = Proposals(), fileName: String? = nil
  ) throws(FileError) -> Int {
    precondition(header.storage == .encoded, "DatasetWriter: an encoded image for a dataset of others")
    guard (1...DecodedImage.byteLimit).contains(image.bytes.count) else {
      throw FileError(
        what: "image \(imageCount): \(image.bytes.count) bytes", path: path, expected: "1 to \(DecodedImage.byteLimit)")
    }
    let index = try enter(
      image.extent, header.channels, regions, proposals, fileName, stored: image.bytes.count)
    byteChecksums.append(CRC32(of: image.bytes).value)
    sampleChecksums.append(image.checksum)
    try add(image.bytes)
    return index
  }

  private mutating func add(_ bytes: [UInt8]) throws(FileError) {
    pending += bytes
    let chunks = pending.count / DatasetSchema.pixelChunk
    if chunks >= 16 {
      let count = chunks * DatasetSchema.pixelChunk
      try handOver(Array(pending[..<count]))
      pending.removeFirst(count)
    }
  }

  /// Appends a feature map `[height, width, channels]` with its regions, in pixels, and gives its index.
  /// - Parameters:
  ///   - proposals: boxes in pixels that may hold objects.
  ///   - fileName: the file that its image came from, as a path within the source; nil for none.
  /// - Throws: `FileError` for values of another count, an unknown label or an impossible box.
  @discardableResult
  package mutating func append(
    _ map: [Float], height: Int, width: Int, regions: [LabeledRegion], proposals: Proposals = Proposals(),
    fileName: String? = nil
  ) throws(FileError) -> Int {
    precondition(header.features != nil, "DatasetWriter: a feature map for a dataset of images")
    guard map.count == height * width * header.channels else {
      throw FileError(
        what: "map \(imageCount): \(map.count) values", path: path,
        expected: "\(height) x \(width) x \(header.channels)")
    }
    let index = try enter(
      Extent(height: height, width: width), header.channels, regions, proposals, fileName, stored: map.count)
    pendingFeatures += map
    if pendingFeatures.count >= 16 * DatasetSchema.featureChunk {
      try handOver(pendingFeatures)
      pendingFeatures.removeAll(keepingCapacity: true)
    }
    return index
  }

  /// Adds an image's tables without what is stored of it, a number of elements.
  private mutating func enter(
    _ extent: Extent, _ channels: Int, _ regions: [LabeledRegion], _ proposals: Proposals, _ fileName: String?,
    stored: Int
  ) throws(FileError) -> Int {
    let index = imageCount
    let (height, width) = (extent.height, extent.width)
    func refusal(_ what: String, expected: String) -> FileError {
      FileError(what: "image \(index): \(what)", path: path, expected: expected)
    }
    guard channels == header.channels else {
      throw refusal("\(channels) channels", expected: "\(header.channels) as the dataset has")
    }
    let pixels = header.pixels(ofHeight: height, width: width)
    for region in regions {
      guard header.classNames.indices.contains(region.label) else {
        throw refusal("label \(region.label)", expected: "0 to \(header.classNames.count - 1)")
      }
      if let problem = region.box?.problem(height: pixels.height, width: pixels.width) {
        throw refusal("a region that \(problem)", expected: "a box in its image")
      }
    }
    for box in proposals.boxes {
      if let problem = box.problem(height: pixels.height, width: pixels.width) {
        throw refusal("a proposal that \(problem)", expected: "a box in its image")
      }
    }
    guard let rows = Int32(exactly: height), let columns = Int32(exactly: width) else {
      throw refusal("\(height) x \(width) pixels", expected: "at most 2147483647 a side")
    }
    if let problem = files.add(fileName) { throw refusal(problem, expected: "the path of a file") }
    offsets.append(offset)
    heights.append(rows)
    widths.append(columns)
    offset += Int64(stored)
    detection.append(regions, proposals)
    for region in regions {
      regionImages.append(Int64(index))
      regionLabels.append(Int32(region.label))
      boxes.append(region.box)
    }
    return index
  }

  /// Writes what is left, the splits as image indices, and puts the file in its place.
  /// - Throws: `FileError` for an empty dataset, splits that overlap or name no image, or a failure to write.
  package consuming func finish(splits: [Split: [Int]]) throws(FileError) {
    guard imageCount > 0, !regionImages.isEmpty else {
      throw FileError(
        what: "an empty dataset", path: path, expected: "at least one image with a label",
        action: "check the source and the limits")
    }
    if let problem = problem(ofSplits: splits, imageCount: imageCount) { throw FileError(what: problem, path: path) }
    if header.features == nil { try handOver(pending) } else { try handOver(pendingFeatures) }
    do throws(HDF5Error) {
      try setChecksum(pixelChecksum, of: header.storage.array)
      if header.storage == .encoded {
        try write(byteChecksums, to: DatasetSchema.byteChecksums)
        try write(sampleChecksums, to: DatasetSchema.sampleChecksums)
      }
      try write(offsets, to: DatasetSchema.offsets)
      try write(heights, to: DatasetSchema.heights)
      try write(widths, to: DatasetSchema.widths)
      if !files.isEmpty { try write(files.bytes, to: DatasetSchema.files) }
      try write(regionImages, to: DatasetSchema.regionImages)
      try write(regionLabels, to: DatasetSchema.regionLabels)
      if boxes.contains(where: { $0 != nil }) {
        let values = boxes.flatMap { box in box.map { [$0.x1, $0.y1, $0.x2, $0.y2] } ?? [.nan, .nan, .nan, .nan] }
        try write(values, to: DatasetSchema.regionBoxes, columns: 4)
      }
      try detection.write(with: self)
      for split in Split.allCases {
        let indices = (splits[split] ?? []).sorted().map { Int64($0) }
        if !indices.isEmpty { try write(indices, to: DatasetSchema.indices(of: split)) }
      }
      try file.writeDataset(DatasetSchema.classes, header.classNames)
      try setChecksum(DatasetSchema.checksum(of: header.classNames), of: DatasetSchema.classes)
      try file.close()
    } catch {
      throw FileError(error)
    }
    try temporary.putInPlace()
  }

  private mutating func handOver<Element: HDF5Element>(_ samples: [Element]) throws(FileError) {
    pixelChecksum = CRC32(of: samples, from: pixelChecksum).value
    do throws(HDF5Error) {
      let pixels = try file.dataset(header.storage.array)
      try pixels.append(samples)
    } catch {
      throw FileError(error)
    }
  }

  borrowing func write<Element: HDF5Element>(
    _ values: [Element], to name: String, columns: Int? = nil
  ) throws(HDF5Error) {
    let rows = values.count / (columns ?? 1)
    let rest = columns.map { [$0] } ?? []
    try file.writeDataset(
      name, values, shape: [rows] + rest, chunk: [min(rows, DatasetSchema.entryChunk)] + rest, gzip: 4)
    try setChecksum(DatasetSchema.checksum(of: values), of: name)
  }

  private borrowing func setChecksum(_ checksum: UInt32, of name: String) throws(HDF5Error) {
    let dataset = try file.dataset(name)
    try dataset.setAttribute(DatasetSchema.checksum, to: checksum)
  }
}

/// Why the splits are invalid; nil if every index is in range and in at most one split.
func problem(ofSplits splits: [Split: [Int]], imageCount: Int) -> String? {
  var taken = [Split?](repeating: nil, count: imageCount)
  for split in Split.allCases {
    for index in splits[split] ?? [] {
      guard taken.indices.contains(index) else {
        return "split \(split.rawValue) names image \(index), expected 0 to \(imageCount - 1)"
      }
      if let other = taken[index] {
        return "image \(index) is in \(other.rawValue) and again in \(split.rawValue), expected in one split once"
      }
      taken[index] = split
    }
  }
  return taken.contains { $0 != nil } ? nil : "no image is in any split, expected at least one"
}
