import Datasets
import Foundation
import Support
import TestSupport
import Testing

/// Arrays in NumPy's archives and in pickles; see `Fixtures/named/make_named_arrays.py`.
@Suite struct NumPyFileTests {
  private static func path(_ name: String) throws -> String { try importFixture("../named/" + name) }

  /// What the fixtures hold: 12 images of 4 x 4 x 3.
  private static let pixels: [[UInt8]] = (0..<12).map { image in
    (0..<48).map { UInt8((image * 17 + $0 * 5) % 256) }
  }

  private static func source(
    _ images: String, _ labels: String, _ reading: PreparationSource.ArrayReading = .init()
  ) throws -> PreparationSource {
    .npy(train: .init(images: try path(images), labels: try path(labels)), test: nil, reading)
  }

  @Test(arguments: [
    ("data.npz:x_train", "data.npz:y_train"), ("compressed.npz:x_train", "compressed.npz:y_train"),
    ("fortran.npz:images", "fortran.npz:labels"), ("objects.npy:images", "objects.npy:labels"),
    ("sets.pkl.gz:0.0", "sets.pkl.gz:0.1"), ("permuted.pkl:images", "permuted.pkl:labels"),
    ("data.npz:x_train", "single.npz"), ("data_batch:data", "data_batch:labels"),
  ])
  func everyKindHoldsTheSameImages(images: String, labels: String) throws {
    var reading = PreparationSource.ArrayReading()
    if images.hasPrefix("data_batch") {
      reading = .init(layout: ImageLayout(height: 4, width: 4, channels: 3), axes: ArrayAxes("CHW"))
    }
    let (dataset, _) = try ImportKinds.imported(Self.source(images, labels, reading))
    #expect(try ImportKinds.pixels(of: dataset) == Self.pixels)
    #expect(ImportKinds.classes(of: dataset) == (0..<12).map { "\($0 % 3)" })
  }

  /// Batches one after another, as CIFAR-10 has its images, with and without a test set.
  @Test func severalFilesAreOneSet() throws {
    func pair(_ images: String, _ labels: String) throws -> PreparationSource.Pair {
      .init(images: try Self.path(images), labels: try Self.path(labels))
    }
    let whole = try pair("data.npz:x_train", "data.npz:y_train")
    let first = try pair("data.npz:x_test", "data.npz:y_test")
    let (dataset, report) = try ImportKinds.imported(
      .npy(train: first, more: [whole, try pair("sets.pkl.gz:0.0", "sets.pkl.gz:0.1")], test: nil, .init()))
    #expect(try ImportKinds.pixels(of: dataset) == Array(Self.pixels[..<3]) + Self.pixels + Self.pixels)
    #expect(ImportKinds.classes(of: dataset) == (Array(0..<3) + Array(0..<12) + Array(0..<12)).map { "\($0 % 3)" })
    #expect(report.counts[.train] == [9, 9, 9])
    let (both, _) = try ImportKinds.imported(.npy(train: first, more: [whole], test: first, .init()))
    // The test set stays apart: its share here is none.
    #expect(both.imageCount == 15)
    let other = try pair("../kinds/expected.npy", "../kinds/labels.npy")
    #expect(
      try ImportKinds.refusal(.npy(train: first, more: [other], test: nil, .init())).contains(
        "expected.npy: images of 5 x 4 x 3; expected images of 4 x 4 x 3 as in"))
    let (_, odd) = try ImportKinds.imported(.npy(train: first, test: other, .init()))
    #expect(odd.remarks.contains("the test images are of 5 x 4 x 3, those of training of 4 x 4 x 3"))
    let (_, even) = try ImportKinds.imported(.npy(train: first, test: first, .init()))
    #expect(!even.remarks.contains { $0.contains("the test images are of") })
    #expect(
      try ImportKinds.refusal(
        .npy(train: whole, more: [try pair("data.npz:x_test", "data.npz:y_train")], test: nil, .init())
      ).contains("3 images and 12 labels"))
  }

  @Test func arraysAreChosenByName() throws {
    let message = try ImportKinds.refusal(Self.source("data.npz", "data.npz:y_train"))
    #expect(
      message.contains(
        "NumPy .npz of 4 arrays; expected the name of one of them: x_train [12, 4, 4, 3] uint8, y_train [12] int64, "
          + "x_test [3, 4, 4, 3] uint8, y_test [3] int64"), "\(message)")
    #expect(try ImportKinds.refusal(Self.source("data.npz:x", "data.npz:y_train")).contains("without an array x"))
    #expect(try ImportKinds.refusal(Self.source("data.npz:x_train", "data.npz:y_test")).contains("12 images"))
  }

  @Test func aFileWhoseNameHasAColonIsThatFile() throws {
    let directory = try TemporaryDirectory()
    let file = directory.path("a:b.npz")
    try Data().write(to: URL(filePath: file))
    #expect(ArrayPath(file) == ArrayPath(file) && ArrayPath(file).name == nil)
    #expect(ArrayPath(file + ":c:d").file == file && ArrayPath(file + ":c:d").name == "c:d")
    #expect(ArrayPath(directory.path("none.npz") + ":x").name == "x")
  }

  @Test func pointersAndOtherFilesAreNamed() throws {
    let directory = try TemporaryDirectory()
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    let labels = try Self.path("single.npz")
    for (text, expected) in [(pointer, "Git LFS pointer"), ("<!DOCTYPE html><html>", "an HTML page")] {
      let path = directory.path("images")
      try Data(text.utf8).write(to: URL(filePath: path))
      let pair = PreparationSource.Pair(images: path, labels: labels)
      for source in [
        PreparationSource.npy(train: pair, test: nil, .init()), .idx(train: pair, test: nil),
        .csv(train: path, test: nil, label: .first, .init()),
        .boxes(.coco, train: .init(images: directory.path(""), labels: path), test: nil),
        .boxes(.csv, train: .init(images: directory.path(""), labels: path), test: nil),
        .hdf5(path: path, images: "/images", labels: "/labels", .init()),
      ] {
        #expect(try ImportKinds.refusal(source).contains(expected), "\(source)")
      }
    }
  }

  /// Whole numbers of every type and byte order, as `make_number_kinds.py` wrote them.
  @Test(arguments: ["u8", "u8b", "i8", "i8b", "u4", "u4b", "i4", "u2", "i2b"])
  func numbersOfEveryTypeAreThemselves(type: String) throws {
    let (dataset, _) = try ImportKinds.imported(
      ImportKinds.npy("numbers.npz:x\(type)", "numbers.npz:y\(type)", .init(maximum: 255)))
    #expect(try ImportKinds.pixels(of: dataset) == ImportKinds.expected())
    #expect(ImportKinds.classes(of: dataset) == ["0", "1", "2", "0", "1", "2"])
  }

  /// The order in which NumPy stores an array changes nothing of what it means.
  @Test func fortranOrderMeansTheSame() throws {
    let (rows, _) = try ImportKinds.imported(
      ImportKinds.npy(
        "orders.npz:rows", "labels.npy", .init(layout: ImageLayout(height: 5, width: 4, channels: 3))))
    #expect(try ImportKinds.pixels(of: rows) == ImportKinds.expected())
    let (cube, _) = try ImportKinds.imported(ImportKinds.npy("orders.npz:cube", "labels.npy"))
    let (same, _) = try ImportKinds.imported(ImportKinds.npy("orders.npz:same", "labels.npy"))
    #expect(try ImportKinds.pixels(of: cube) == ImportKinds.pixels(of: same))
    #expect(try ImportKinds.pixels(of: cube) == ImportKinds.expected().map { Array($0[..<36]) })
  }

  @Test func whatIsNoArrayIsNamed() throws {
    #expect(
      try ImportKinds.refusal(ImportKinds.npy("expected.npy", "structured.npy")).contains(
        "elements of the structured type [('l', '<i4'), ('m', '<f4')]; expected whole numbers"))
    #expect(
      try ImportKinds.refusal(ImportKinds.npy("expected.npy", "lists.pkl:mixed")).contains(
        "without an array mixed, besides what is neither an array nor a list of numbers or texts alone: mixed"))
  }
}
