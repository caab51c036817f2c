import Datasets
import Foundation
import HDF5
import Images
import Support
import TestSupport
import Testing

/// Every foreign format against the same 12 images, and what each rejects.
@Suite struct ImageSourceTests {
  private typealias Pair = PreparationSource.Pair
  private typealias Reading = PreparationSource.ArrayReading

  private static func pair(_ images: String, _ labels: String) throws -> Pair {
    Pair(images: try importFixture(images), labels: try importFixture(labels))
  }

  /// Prepares a source with everything in the training split and nothing removed.
  private func imported(_ source: PreparationSource) throws -> (dataset: Dataset, report: PreparationReport) {
    let directory = try TemporaryDirectory()
    var preparation = Preparation(source: source, name: "n", origin: "o", license: "l")
    (preparation.validation, preparation.test) = (.count(0), .count(0))
    preparation.removesDuplicates = false
    let report = try preparation.run(writingTo: directory.path("a.h5"))
    return (try Dataset(opening: directory.path("a.h5")), report)
  }

  private func refusal(_ source: PreparationSource, sourceLocation: SourceLocation = #_sourceLocation) throws -> String
  {
    try failureMessage(sourceLocation: sourceLocation) { _ = try imported(source) }
  }

  /// A file of these bytes in a directory; the refusal of what `source` makes of its path.
  private func refusal(of bytes: [UInt8], as source: (String) throws -> PreparationSource) throws -> String {
    let directory = try TemporaryDirectory()
    try Data(bytes).write(to: URL(filePath: directory.path("file")))
    let message = try refusal(source(directory.path("file")))
    #expect(message.hasPrefix(directory.path("file")), "\(message)")
    return message
  }

  @Test func everyFormatGivesTheSamePictures() throws {
    let unit = Reading(maximum: 1)
    let buffer = RawBuffer(path: try importFixture("images.pickle.gz"), start: .after([0x42, 0xB0, 0x01, 0, 0]))
    let sources: [PreparationSource] = [
      .idx(train: try Self.pair("images.idx", "labels.idx"), test: nil),
      .idx(train: try Self.pair("images.idx.gz", "labels.idx.gz"), test: nil),
      .csv(train: try importFixture("last.csv"), test: nil, label: .last, Reading()),
      .csv(train: try importFixture("first.csv.gz"), test: nil, label: .first, Reading()),
      .npy(train: try Self.pair("images.npy", "labels64.npy"), test: nil, Reading()),
      .npy(train: try Self.pair("unit.npy", "labels32.npy"), test: nil, unit),
      .npy(train: try Self.pair("double.npy", "labels32.npy"), test: nil, Reading()),
      .npy(train: try Self.pair("half.npy", "labels32.npy"), test: nil, Reading()),
      .raw(
        images: buffer, labels: RawBuffer(path: try importFixture("labels.pickle.gz"), start: .after([0x43, 0x60])),
        count: 12,
        layout: ImageLayout(height: 6, width: 6)),
      .hdf5(path: try importFixture("arrays.h5"), images: "data/x", labels: "data/y", Reading()),
      .hdf5(path: try importFixture("arrays.h5"), images: "data/unit", labels: "data/y", unit),
    ]
    for source in sources {
      let (dataset, report) = try imported(source)
      #expect(report.found == 12 && report.counts[.train] == [4, 4, 4], "\(source)")
      #expect(dataset.classNames == ["0", "1", "2"] && dataset.channels == 1)
      #expect((0..<12).map(dataset.label) == (0..<12).map { $0 % 3 })
      for index in 0..<12 { #expect(try dataset.image(at: index) == fixturePicture(index), "\(source)") }
    }
  }

  @Test func aLayoutTurnsFlatRowsIntoColorPictures() throws {
    let reading = Reading(layout: ImageLayout(height: 4, width: 3, channels: 3))
    let (dataset, _) = try imported(.csv(train: try importFixture("last.csv"), test: nil, label: .last, reading))
    #expect(try dataset.image(at: 2).pixels == fixturePicture(2).pixels)
    #expect(dataset.channels == 3 && dataset.extents(ofImage: 2) == (4, 3))
    let wrong = Reading(layout: ImageLayout(height: 5, width: 5))
    #expect(
      try refusal(.csv(train: try importFixture("last.csv"), test: nil, label: .last, wrong))
        .contains("an array of shape [12, 36] for images of 5 x 5 x 1"))
  }

  @Test func missingAndMixedFiles() throws {
    let pair = try Self.pair("images.idx", "labels.idx")
    #expect(
      try refusal(.idx(train: Pair(images: "/nonexistent/x", labels: pair.labels), test: nil))
        .hasPrefix("/nonexistent/x: there is no such file"))
    #expect(try refusal(.idx(train: Pair(images: "/tmp", labels: pair.labels), test: nil)).contains("not a file"))
    #expect(
      try refusal(.idx(train: Pair(images: pair.labels, labels: pair.labels), test: nil)).contains(
        "shape [12] for images"))
    #expect(
      try refusal(.idx(train: Pair(images: pair.images, labels: pair.images), test: nil))
        .contains("labels of shape [12, 6, 6]; expected [N]"))
  }

  @Test func damagedIDX() throws {
    let labels = try importFixture("labels.idx")
    func idx(_ path: String) -> PreparationSource { .idx(train: Pair(images: path, labels: labels), test: nil) }
    let whole = [UInt8](try Data(contentsOf: URL(filePath: importFixture("images.idx"))))
    #expect(
      try refusal(of: whole.dropLast(), as: idx).contains("431 bytes of values; expected 432 for shape [12, 6, 6]"))
    #expect(try refusal(of: Array(whole.prefix(9)), as: idx).contains("ends within its header"))
    #expect(try refusal(of: [0, 0, 10, 1] + whole.dropFirst(4), as: idx).contains("elements of IDX type 10"))
    #expect(try refusal(of: Array("hello".utf8), as: idx).contains("not an IDX file"))
    let huge: [UInt8] = [0, 0, 8, 4] + [UInt8](repeating: 0xFF, count: 16)
    let empty: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 6]
    #expect(try refusal(of: empty, as: idx).contains("no images in it"))
    #expect(try refusal(of: huge, as: idx).contains("0 bytes of values; expected fewer for shape"))
    #expect(
      try refusal(of: [0, 0, 8, 3, 0, 0, 0, 11, 0, 0, 0, 6, 0, 0, 0, 6] + whole[16..<16 + 11 * 36], as: idx)
        .contains("11 images and 12 labels"))
  }

  @Test func damagedGzip() throws {
    let labels = try importFixture("labels.idx")
    func idx(_ path: String) -> PreparationSource { .idx(train: Pair(images: path, labels: labels), test: nil) }
    let whole = [UInt8](try Data(contentsOf: URL(filePath: importFixture("images.idx.gz"))))
    #expect(try refusal(of: whole.dropLast(5), as: idx).contains("truncated gzip file"))
    #expect(try refusal(of: Array(whole.prefix(4)), as: idx).contains("truncated gzip file"))
    var changed = whole
    changed[whole.count - 6] ^= 1
    #expect(try refusal(of: changed, as: idx).contains("damaged gzip file"))
    #expect(try refusal(of: whole + [1, 2, 3], as: idx).contains("gzip file"))
    // A small file that inflates to much.
    let path = try importFixture("images.idx.gz")
    #expect(try FileBytes.readInflated(path, limit: 448).count == 448)
    #expect(
      try failureMessage { _ = try FileBytes.readInflated(path, limit: 447) }.contains(
        "inflates to more than the limit"))
    #expect(
      try failureMessage { _ = try FileBytes.readInflated(path, limit: 100) }.contains("expected at most 100 bytes"))
    // Zeros behind the last member pad it.
    let directory = try TemporaryDirectory()
    try Data(whole + [UInt8](repeating: 0, count: 100)).write(to: URL(filePath: directory.path("padded")))
    #expect(try imported(idx(directory.path("padded"))).report.found == 12)
  }

  /// More than one piece of 1 MiB, rows and the bytes searched for across their borders.
  @Test func filesOfManyPieces() throws {
    let directory = try TemporaryDirectory()
    let side = 48
    let pictures = (0..<700).map { picture in
      (0..<side * side).map { UInt8(truncatingIfNeeded: (picture * 131 + $0 * $0) >> 2) }
    }
    let text = pictures.enumerated().map { $1.map(String.init).joined(separator: ",") + ",\($0 % 2)" }
    try Data(text.joined(separator: "\r\n").utf8).write(to: URL(filePath: directory.path("a.csv")))
    // The pattern lies across the end of the first piece.
    let pattern: [UInt8] = [255, 254, 253, 252, 251]
    let raw = [UInt8](repeating: 9, count: 1 << 20 - 2) + pattern + pictures.joined()
    try Data(raw).write(to: URL(filePath: directory.path("images")))
    let labels = (0..<700).map { Int64($0 % 2).littleEndian }
    try labels.withUnsafeBytes { Data($0) }.write(to: URL(filePath: directory.path("labels")))
    let sources: [PreparationSource] = [
      .csv(train: directory.path("a.csv"), test: nil, label: .last, Reading()),
      .raw(
        images: RawBuffer(path: directory.path("images"), start: .after(pattern)),
        labels: RawBuffer(path: directory.path("labels"), start: .offset(0)), count: 700,
        layout: ImageLayout(height: side, width: side)),
    ]
    for source in sources {
      let (dataset, report) = try imported(source)
      #expect(report.counts[.train] == [350, 350])
      for index in [0, 1, 118, 119, 120, 455, 699] { #expect(try dataset.image(at: index).pixels == pictures[index]) }
    }
  }

  @Test func stoppedWorkLeavesWhatWasThere() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    try Data("kept".utf8).write(to: URL(filePath: path))
    let source = PreparationSource.idx(train: try Self.pair("images.idx.gz", "labels.idx.gz"), test: nil)
    let preparation = Preparation(source: source, name: "n", origin: "o", license: "l")
    // Stopped while inflating, while looking at the pictures, and while writing them.
    for moment in [0, 5, 20] {
      var looks = 0
      let message = try failureMessage {
        _ = try preparation.run(writingTo: path) {
          looks += 1
          return looks > moment
        }
      }
      #expect(message.contains("stopped as requested; nothing was written"))
      #expect(try Data(contentsOf: URL(filePath: path)) == Data("kept".utf8))
      #expect(try directory.names() == ["a.h5"])
    }
  }

  @Test func badCSV() throws {
    func csv(_ path: String) -> PreparationSource { .csv(train: path, test: nil, label: .last, Reading()) }
    func message(_ text: String) throws -> String { try refusal(of: Array(text.utf8), as: csv) }
    #expect(try message("1,2,3,4,0\n1,2,3,x,0\n").contains("line 2: field 4 is not a number"))
    #expect(try message("1,2,3,4,0\n1,2,,4,0\n").contains("line 2: field 3 is not a number"))
    #expect(try message("1,2,3,4,0\n\n1,2,3,0\n").contains("line 3: 4 columns; expected 5 as in the rows before"))
    #expect(try message("1,2,3,4,0.5\n").contains("label 0.5 at position 0; expected a whole number"))
    #expect(
      try message("1,2,3,256,0\n").contains(
        "samples 1 to 256 of whole numbers; expected the number that is white; say it with --maximum 1023"))
    #expect(try message("1,2,3,nan,0\n").contains("value nan in image 0"))
    #expect(try message("1,2,3,0\n").contains("give height, width and channels (--layout"))
    #expect(try message("7\n").contains("line 1: one column"))
    #expect(try message("a,b,c\n").contains("no rows in it"))
    #expect(try message("").contains("no rows in it"))
    #expect(try message("1,2,3,4,-1\n").contains("label -1 at position 0; expected whole numbers from 0 on"))
  }

  @Test func badNumPyFiles() throws {
    func npy(_ images: String, _ labels: String = "labels64.npy") throws -> PreparationSource {
      .npy(train: try Self.pair(images, labels), test: nil, Reading())
    }
    #expect(
      try refusal(npy("labels.idx")).contains("it is an IDX file of arrays; expected a .npz archive, a .npy array"))
    #expect(try refusal(npy("images.npy", "unit.npy")).contains("labels of shape [12, 6, 6]"))
    let labels = try importFixture("labels64.npy")
    let whole = [UInt8](try Data(contentsOf: URL(filePath: importFixture("unit.npy"))))
    func file(_ path: String) -> PreparationSource {
      .npy(train: Pair(images: path, labels: labels), test: nil, Reading())
    }
    #expect(try refusal(of: whole.dropLast(), as: file).contains("1727 bytes of values; expected 1728"))
    #expect(try refusal(of: Array(whole.prefix(50)), as: file).contains("ends within its header"))
    var scrambled = whole
    for position in 12..<20 { scrambled[position] = UInt8(ascii: "?") }
    #expect(try refusal(of: scrambled, as: file).contains("expected descr, fortran_order and shape"))
  }

  @Test func buffersThatAreNotThere() throws {
    let path = try importFixture("images.pickle.gz")
    let layout = ImageLayout(height: 6, width: 6)
    func raw(_ start: RawBuffer.Start, count: Int = 12) -> PreparationSource {
      let buffer = RawBuffer(path: path, start: start)
      return .raw(images: buffer, labels: buffer, count: count, layout: layout)
    }
    #expect(try refusal(raw(.after([0x42, 0xA1, 0x77, 0, 0]))).contains("the bytes 42 a1 77 0 0 do not occur"))
    #expect(
      try refusal(raw(.after([0x42, 0xB0, 0x01, 0, 0]), count: 13)).contains("expected shape [13, 6, 6, 1] of uint8"))
    #expect(try refusal(raw(.offset(1 << 40))).contains("0 bytes from offset"))
    #expect(try refusal(raw(.offset(-1))).contains("from offset -1"))
  }

  /// libhdf5 makes up zeros for what was never written.
  @Test func arraysThatWereNotWrittenAreRefused() throws {
    let (whole, _) = try ImportKinds.imported(ImportKinds.hdf5("all", "labels", in: "unwritten.h5"))
    #expect(try ImportKinds.pixels(of: whole) == ImportKinds.expected())
    #expect(
      try ImportKinds.refusal(ImportKinds.hdf5("nothing", "labels", in: "unwritten.h5"))
        .contains("its values were never written"))
    #expect(
      try ImportKinds.refusal(ImportKinds.hdf5("half", "labels", in: "unwritten.h5"))
        .contains("only 1 of its 2 chunks were ever written"))
  }

  @Test func badHDF5Arrays() throws {
    let path = try importFixture("arrays.h5")
    func hdf5(_ images: String, _ labels: String) -> PreparationSource {
      .hdf5(path: path, images: images, labels: labels, Reading())
    }
    #expect(try refusal(hdf5("data/z", "data/y")).contains("there is no /data/z"))
    #expect(try refusal(hdf5("data/y", "data/y")).contains("shape [12] for images"))
    #expect(try refusal(hdf5("data/x", "data/unit")).contains("labels of shape [12, 6, 6]"))
    #expect(
      try refusal(.hdf5(path: importFixture("last.csv"), images: "x", labels: "y", Reading()))
        .contains("not an HDF5 file"))
  }
}
