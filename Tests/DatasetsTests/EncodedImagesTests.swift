import Datasets
import Foundation
import HDF5
import Images
import Support
import Tensors
import TestSupport
import Testing

/// Datasets of encoded images against Pillow (`Fixtures/make_encoded.py`), against datasets of samples, and damaged ones.
@Suite struct EncodedImagesTests {
  struct Entry: Decodable {
    var file: String
    var height: Int
    var width: Int
    var rgb: UInt32
  }

  private static func folder() throws -> String {
    try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil)).appending(path: "encoded").path
  }

  private static func preparation(_ storage: ImageStorage?) throws -> Preparation {
    var preparation = Preparation(source: .folder(try folder()), name: "n", origin: "o", license: "l")
    (preparation.storage, preparation.threads) = (storage, 3)
    (preparation.validation, preparation.test) = (.count(1), .count(1))
    return preparation
  }

  /// Everything that a dataset gives but its images' storage.
  private static func contents(_ dataset: Dataset) throws -> [String] {
    try (0..<dataset.imageCount).map { index in
      let image = try dataset.image(at: index)
      return
        "\(dataset.fileName(of: index) ?? "") \(image.height) \(image.width) \(image.channels) \(CRC32(of: image.pixels).value)"
    } + Split.allCases.map { "\(dataset.samples(of: $0))" }
      + (0..<dataset.sampleCount).map { "\(dataset.label(of: $0)) \(dataset.imageIndex(of: $0))" }
  }

  @Test func imagesAreThoseOfPillow() throws {
    let directory = try TemporaryDirectory()
    var preparation = try Self.preparation(nil)
    preparation.removesDuplicates = false
    let report = try preparation.run(writingTo: directory.path("a.h5"))
    #expect(report.storageRemark?.hasPrefix("images are stored encoded, as in their files, and decoded") == true)
    let dataset = try Dataset(opening: directory.path("a.h5"))
    #expect(dataset.header.storage == .encoded && dataset.channels == 3)
    let url = URL(filePath: try Self.folder()).deletingLastPathComponent().appending(path: "encoded.json")
    let entries = try JSONDecoder().decode([Entry].self, from: Data(contentsOf: url))
    #expect(entries.count == 14 && dataset.imageCount == 14)
    for (index, entry) in entries.enumerated() {
      let image = try dataset.image(at: index)
      #expect(dataset.fileName(of: index) == entry.file)
      #expect(dataset.extent(ofImage: index) == Extent(height: entry.height, width: entry.width))
      #expect(image.extent == dataset.extent(ofImage: index) && image.channels == 3)
      #expect(CRC32(of: image.pixels).value == entry.rgb, "\(entry.file)")
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: Self.folder() + "/" + entry.file)))
      #expect(try dataset.encodedImage(at: index).bytes == bytes)
    }
    try dataset.verify()
  }

  @Test(arguments: [nil, 1, 3], [nil, ImageResizing(shorter: 24), ImageResizing(shorter: 40, crop: 32)])
  func samplesAndEncodedImagesAreTheSame(channels: Int?, resizing: ImageResizing?) throws {
    let directory = try TemporaryDirectory()
    var contents: [[String]] = []
    var reports: [PreparationReport] = []
    for storage in [ImageStorage.samples, .encoded, nil] {
      var preparation = try Self.preparation(storage)
      (preparation.channels, preparation.resizing) = (channels, resizing)
      let path = directory.path("\(storage?.rawValue ?? "default").h5")
      reports.append(try preparation.run(writingTo: path))
      // In memory decoded, in memory encoded, on disk; twice, as what was read may be kept.
      for limit in [Dataset.defaultMemoryLimit, 30_000, 0] {
        let dataset = try Dataset(opening: path, memoryLimit: limit)
        #expect(dataset.header.storage == storage ?? (resizing == nil ? .encoded : .samples))
        contents.append(try Self.contents(dataset))
        #expect(try Self.contents(dataset) == contents[0])
        #expect(dataset.header.resizing == resizing)
        try dataset.verify()
      }
    }
    #expect(contents.allSatisfy { $0 == contents[0] })
    #expect(contents[0].contains { $0.hasPrefix("one/turned.jpg") })
    // copy.png has the pixels of color.jpg under another label: both go.
    #expect(reports.allSatisfy { $0.conflicting == 2 && $0.counts == reports[0].counts && $0.found == 14 })
    #expect(!contents[0].contains { $0.hasPrefix("one/color.jpg") || $0.hasPrefix("two/copy.png") })
  }

  @Test(arguments: [ImageStorage.samples, .encoded]) func anyNumberOfThreadsWritesTheSameBytes(storage: ImageStorage)
    throws
  {
    let directory = try TemporaryDirectory()
    let files = try [1, 2, 5, 16].map { threads in
      var preparation = try Self.preparation(storage)
      preparation.threads = threads
      let report = try preparation.run(writingTo: directory.path("a.h5"))
      return (report, try Data(contentsOf: URL(filePath: directory.path("a.h5"))))
    }
    #expect(files.allSatisfy { $0.0 == files[0].0 && $0.1 == files[0].1 })
    #expect(try directory.names() == ["a.h5"])
  }

  @Test func theFirstUnreadableImageIsNamedByAnyNumberOfThreads() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.copyItem(atPath: Self.folder(), toPath: directory.path("set"))
    for name in ["one/b.jpg", "one/z.jpg", "two/a.jpg"] {
      var bytes = [UInt8](try Data(contentsOf: URL(filePath: directory.path("set/one/wide.jpg"))))
      bytes.removeLast(300)
      try Data(bytes).write(to: URL(filePath: directory.path("set/" + name)))
    }
    for threads in [1, 2, 8] {
      var preparation = Preparation(source: .folder(directory.path("set")), name: "n", origin: "", license: "")
      preparation.threads = threads
      let message = try failureMessage { _ = try preparation.run(writingTo: directory.path("a.h5")) }
      #expect(message.contains("set/one/b.jpg: damaged JPEG"), "\(message)")
      preparation.skipsUnreadable = true
      let report = try preparation.run(writingTo: directory.path("a.h5"))
      #expect(report.skipped.count == 3 && report.skipped[2].contains("two/a.jpg"))
      try FileManager.default.removeItem(atPath: directory.path("a.h5"))
    }
  }

  @Test func filesLargerThanTheirSamplesAreStoredAsSamples() throws {
    let directory = try TemporaryDirectory()
    // What follows a PNG's last chunk is nobody's.
    for name in ["gray", "alpha"] {
      try FileManager.default.createDirectory(atPath: directory.path("set/\(name)"), withIntermediateDirectories: true)
      let png = [UInt8](try Data(contentsOf: URL(filePath: Self.folder() + "/two/\(name).png")))
      try Data(png + [UInt8](repeating: 7, count: 10_000)).write(to: URL(filePath: directory.path("set/\(name)/1.png")))
    }
    var preparation = Preparation(source: .folder(directory.path("set")), name: "n", origin: "", license: "")
    (preparation.validation, preparation.test) = (.count(0), .count(0))
    let report = try preparation.run(writingTo: directory.path("a.h5"))
    #expect(report.storageRemark?.contains("stored as samples, as their files are larger") == true)
    #expect(try Dataset(opening: directory.path("a.h5")).header.storage == .samples)
    preparation.storage = .encoded
    _ = try preparation.run(writingTo: directory.path("a.h5"))
    #expect(try Dataset(opening: directory.path("a.h5")).header.storage == .encoded)

    var arrays = Preparation(
      source: .idx(
        train: .init(images: try importFixture("images.idx"), labels: try importFixture("labels.idx")), test: nil),
      name: "n", origin: "", license: "")
    _ = try arrays.run(writingTo: directory.path("b.h5"))
    #expect(try Dataset(opening: directory.path("b.h5")).header.storage == .samples)
    arrays.storage = .encoded
    let message = try failureMessage { _ = try arrays.run(writingTo: directory.path("b.h5")) }
    #expect(message.contains("whose images are no files of their own; expected image files"), "\(message)")
  }

  @Test func whatIsInMemory() throws {
    let directory = try TemporaryDirectory()
    _ = try Self.preparation(.encoded).run(writingTo: directory.path("a.h5"))
    func held(_ limit: Int) throws -> Int {
      let dataset = try Dataset(opening: directory.path("a.h5"), memoryLimit: limit)
      for index in 0..<dataset.imageCount { _ = try dataset.image(at: index) }
      return dataset.heldBytes
    }
    let dataset = try Dataset(opening: directory.path("a.h5"))
    let all = 0..<dataset.imageCount
    let samples = all.reduce(0) { $0 + 3 * dataset.extent(ofImage: $1).height * dataset.extent(ofImage: $1).width }
    let bytes = try all.reduce(0) { try $0 + dataset.encodedImage(at: $1).bytes.count }
    #expect(try held(samples) == samples && held(samples - 1) == bytes)
    #expect(try held(bytes) == bytes && held(bytes - 1) == 0)
  }

  @Test func aFileThatChangesMeanwhileIsNoticed() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.copyItem(atPath: Self.folder(), toPath: directory.path("set"))
    var preparation = Preparation(source: .folder(directory.path("set")), name: "n", origin: "", license: "")
    (preparation.threads, preparation.validation, preparation.test) = (1, .count(0), .count(0))
    var isChanged = false
    let message = try failureMessage {
      _ = try preparation.run(
        writingTo: directory.path("a.h5"),
        progress: { done, total in
          // The first of the second half; the last files are not read yet.
          guard done > total / 2, !isChanged else { return }
          isChanged = true
          try? FileManager.default.removeItem(atPath: directory.path("set/two/palette.gif"))
          try? FileManager.default.copyItem(
            atPath: directory.path("set/one/wide.jpg"), toPath: directory.path("set/two/palette.gif"))
        })
    }
    #expect(message.contains("two/palette.gif: it changed while the dataset was made"), "\(message)")
    #expect(try directory.names() == ["set"])
  }

  @Test func aStopLeavesNothingBehind() throws {
    let directory = try TemporaryDirectory()
    for most in [0, 3, 15, 20] {
      let polls = Locked(0)
      let error = #expect(throws: FileError.self) {
        _ = try Self.preparation(.encoded).run(
          writingTo: directory.path("a.h5"),
          shouldStop: {
            polls.withLock { polls in
              polls += 1; return polls > most
            }
          })
      }
      #expect(error?.kind == .interrupted)
      #expect(try directory.names().isEmpty)
    }
  }

  // MARK: Damaged datasets

  /// The error of the first image of a dataset that holds these bytes and declares these extents.
  private static func refusal(
    _ bytes: [UInt8], _ extent: Extent, checksum: UInt32 = 0, resizing: ImageResizing? = nil,
    covering: Extent? = nil
  ) throws -> String {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    var header = exampleHeader
    (header.storage, header.resizing) = (.encoded, resizing)
    var writer = try DatasetWriter(path: path, header: header)
    try writer.append(
      EncodedImage(bytes: bytes, extent: extent, checksum: checksum), regions: [LabeledRegion(label: 0)],
      fileName: "wein/1.jpg")
    try writer.finish(splits: [.train: [0]])
    let messages = try [Dataset.defaultMemoryLimit, 0].map { limit in
      let dataset = try Dataset(opening: path, memoryLimit: limit)
      return try failureMessage { _ = try dataset.image(at: 0, covering: covering) }
    }
    #expect(messages[0] == messages[1] && messages[0].hasPrefix(path))
    _ = try failureMessage { try Dataset(opening: path).verify() }
    return messages[0]
  }

  @Test func hostileImagesGiveOneErrorEach() throws {
    let jpeg = [UInt8](try Data(contentsOf: URL(filePath: Self.folder() + "/one/color.jpg")))
    let extent = Extent(height: 44, width: 58)
    for (message, part) in [
      (try Self.refusal(Array("no image".utf8), extent), "image 0 (wein/1.jpg): it is a plain text"),
      (try Self.refusal(Array(jpeg.dropLast(400)), extent), "image 0 (wein/1.jpg): damaged JPEG"),
      (
        try Self.refusal(jpeg, Extent(height: 58, width: 44)),
        "image 0 (wein/1.jpg): it decodes to 58 x 44 pixels; expected 44 x 58 as its tables declare"
      ),
      (try Self.refusal(jpeg, Extent(height: 40_000, width: 40_000)), "it decodes to 58 x 44 pixels"),
      (try Self.refusal(jpeg, extent), "decodes to other samples than when the dataset was made"),
      (
        try Self.refusal(jpeg, Extent(height: 58, width: 44), covering: Extent(side: 8)),
        "it decodes to 58 x 44 pixels"
      ),
      (try Self.refusal(jpeg, extent, resizing: ImageResizing(shorter: 44, crop: 40)), "decodes to 40 x 40 pixels"),
    ] { #expect(message.contains(part), "\(message)") }
    // An image of 1 x 30,000 pixels whose shorter side becomes 16,384.
    let directory = try TemporaryDirectory()
    try writePNG(
      [UInt8](repeating: 9, count: 30_000), height: 30_000, width: 1, channels: 1, to: directory.path("a.png"))
    let long = [UInt8](try Data(contentsOf: URL(filePath: directory.path("a.png"))))
    let message = try Self.refusal(long, Extent(side: 4), resizing: ImageResizing(shorter: 16_384, crop: 4))
    #expect(message.contains("resizing makes 16384 x 491520000 pixels of its 1 x 30000"), "\(message)")
  }

  /// Opens a prepared dataset after a change to its file.
  private func changed(_ change: (borrowing HDF5File) throws -> Void, use: (Dataset) throws -> Void = { _ in }) throws
    -> String
  {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    _ = try Self.preparation(.encoded).run(writingTo: path)
    do {
      let file = try HDF5File(opening: path, .readWrite)
      try change(file)
      try file.close()
    }
    return try failureMessage { try use(Dataset(opening: path)) }
  }

  private func set<Element: HDF5Element>(
    _ file: borrowing HDF5File, _ name: String, _ change: (inout [Element]) -> Void
  ) throws {
    let dataset = try file.dataset(name)
    var values = try dataset.read(as: Element.self)
    change(&values)
    try dataset.write(values)
    try dataset.setAttribute("crc32", to: CRC32(of: values).value)
  }

  @Test func tablesThatDoNotFit() throws {
    for change in [{ $0[3] = $0[2] }, { $0[3] = $0[2] - 1 }, { $0[0] = 1 }, { $0[5] = 1 << 50 }, { $0[5] = -1 }]
      as [(inout [Int64]) -> Void]
    {
      let message = try changed { try set($0, "/images/offset", change) }
      #expect(message.contains("/images/offset: encoded image"), "\(message)")
    }
    let missing = try changed { try $0.setAttribute("version", to: 1) }
    #expect(missing.contains("/images/offset: image 1 begins at"), "\(missing)")
    let later = try changed { try $0.setAttribute("version", to: 3) }
    #expect(later.contains("it has version 3, expected 1 or 2"), "\(later)")
  }

  @Test func changedBytesAreNoticed() throws {
    // With the checksum of all bytes set again, those of the image still tell.
    func flip(_ file: borrowing HDF5File) throws {
      try set(file, "/images/encoded") { (bytes: inout [UInt8]) in bytes[620] ^= 16 }
    }
    let read = try changed(flip) { dataset in _ = try dataset.image(at: 0) }
    #expect(read.contains("image 0 (one/gray.jpg)"), "\(read)")
    let part = try changed(flip) { dataset in _ = try dataset.image(at: 0, covering: Extent(side: 4)) }
    #expect(part.contains("the bytes of image 0 (one/gray.jpg) changed since they were written"), "\(part)")
    let plain = try changed({ try $0.dataset("/images/encoded").write([9], offset: [40], count: [1]) as Void }) {
      try $0.verify()
    }
    #expect(plain.contains("/images/encoded: its values changed since they were written"), "\(plain)")
    let checks = try changed({ try set($0, "/images/crc32") { (sums: inout [UInt32]) in sums[1] ^= 1 } }) {
      try $0.verify()
    }
    #expect(checks.contains("image 1 (one/progressive.jpg) decodes to other samples"), "\(checks)")
  }
}
