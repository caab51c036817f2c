import Datasets
import Foundation
import Images
import Support
import TestSupport
import Testing

/// A BMP file of one pixel: no two numbers give the same image.
func bitmap(_ number: Int) -> [UInt8] {
  let header: [UInt8] = [58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0]
  return Array("BM".utf8) + header + [UInt8](repeating: 0, count: 24)
    + [UInt8(number % 256), UInt8(number / 256), 7, 0]
}

extension TemporaryDirectory {
  /// Writes files, making their folders.
  borrowing func put(_ files: [String: [UInt8]]) throws {
    for (name, bytes) in files {
      let url = URL(filePath: path(name))
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
    }
  }
}

/// Folders of images, with everything that lies in such folders.
@Suite struct FolderImagesTests {
  private func prepare(
    _ directory: borrowing TemporaryDirectory, _ reading: FolderReading = FolderReading(),
    _ change: (inout Preparation) -> Void = { _ in }
  ) throws -> (report: PreparationReport, dataset: Dataset) {
    var preparation = Preparation(
      source: .folder(directory.path("set"), reading), name: "n", origin: "", license: "")
    change(&preparation)
    let report = try preparation.run(writingTo: directory.path("a.h5"))
    return (report, try Dataset(opening: directory.path("a.h5")))
  }

  private func files(of split: Split, in dataset: Dataset) -> [String] {
    dataset.samples(of: split).compactMap { dataset.fileName(of: dataset.imageIndex(of: $0)) }
  }

  /// Images `set/FOLDER/0.bmp` … of each folder.
  private func images(_ counts: [String: Int]) -> [String: [UInt8]] {
    var (files, number): ([String: [UInt8]], Int) = ([:], 0)
    for (folder, count) in counts.sorted(by: { $0.key < $1.key }) {
      for index in 0..<count {
        files["set/\(folder)/\(index).bmp"] = bitmap(number)
        number += 1
      }
    }
    return files
  }

  @Test(arguments: [("train", "val", "test"), ("Training", "VALID", "Testing"), ("TRAIN", "validation", "test")])
  func theThreeSplitsAreTaken(train: String, validation: String, test: String) throws {
    let directory = try TemporaryDirectory()
    try directory.put(
      images(["\(train)/cat": 4, "\(train)/dog": 3, "\(validation)/cat": 2, "\(validation)/dog": 1, "\(test)/cat": 1]))
    let (report, dataset) = try prepare(directory)
    #expect(report.counts == [.train: [4, 3], .validation: [2, 1], .test: [1, 0]])
    #expect(
      report.remarks == [
        "splits as the source has them: \(train)/ is the train split, \(validation)/ is the validation split, "
          + "\(test)/ is the test split"
      ])
    for (split, folder) in [(Split.train, train), (.validation, validation), (.test, test)] {
      #expect(files(of: split, in: dataset).allSatisfy { $0.hasPrefix(folder + "/") })
    }
    #expect(
      files(of: .validation, in: dataset).sorted()
        == ["cat/0.bmp", "cat/1.bmp", "dog/0.bmp"].map { "\(validation)/" + $0 })
  }

  /// No training image becomes a test image unless that is asked for.
  @Test func withoutATestFolderThereIsNoTestSplit() throws {
    let directory = try TemporaryDirectory()
    try directory.put(images(["train/cat": 10, "train/dog": 10, "val/cat": 2, "val/dog": 2]))
    let (report, _) = try prepare(directory)
    #expect(report.counts == [.train: [10, 10], .validation: [2, 2], .test: [0, 0]])
    #expect(report.remarks[0].contains("there is no test split unless --test takes a share of the training images"))
    let (asked, _) = try prepare(directory) { $0.test = .fraction(0.2) }
    #expect(asked.counts == [.train: [8, 8], .validation: [2, 2], .test: [2, 2]])
  }

  @Test func withoutAValidationFolderItIsAShareOfTraining() throws {
    let directory = try TemporaryDirectory()
    try directory.put(images(["train/cat": 10, "train/dog": 20, "test/cat": 2, "test/dog": 2]))
    let (report, _) = try prepare(directory)
    #expect(report.counts == [.train: [9, 18], .validation: [1, 2], .test: [2, 2]])
    #expect(report.remarks[0].contains("validation images are a share of the training images (--validation)"))
  }

  /// A copy in two splits leaves training first, then validation.
  @Test func copiesLeaveTraining() throws {
    let directory = try TemporaryDirectory()
    try directory.put([
      "set/train/a/1.bmp": bitmap(1), "set/train/a/2.bmp": bitmap(2), "set/train/a/3.bmp": bitmap(3),
      "set/val/a/2.bmp": bitmap(2), "set/val/a/3.bmp": bitmap(3), "set/test/a/3.bmp": bitmap(3),
    ])
    let (report, dataset) = try prepare(directory) { $0.classNames = ["a"] }
    #expect(report.duplicates == 3)
    #expect(files(of: .train, in: dataset) == ["train/a/1.bmp"])
    #expect(files(of: .validation, in: dataset) == ["val/a/2.bmp"] && files(of: .test, in: dataset) == ["test/a/3.bmp"])
  }

  @Test func twoFoldersOfOneSplitAreRefused() throws {
    let directory = try TemporaryDirectory()
    try directory.put(images(["train/cat": 1, "val/cat": 1, "Validation/cat": 1]))
    let message = try failureMessage { _ = try prepare(directory) }
    #expect(message.contains("two folders for one split, Validation/ and val/; expected one"), "\(message)")
  }

  /// Trains among other vehicles are a class.
  @Test func aClassCalledTrainIsAClass() throws {
    let directory = try TemporaryDirectory()
    try directory.put(images(["train": 3, "plane": 3, "test": 2]))
    let (report, _) = try prepare(directory) { ($0.validation, $0.test) = (.count(0), .count(0)) }
    #expect(report.classNames == ["plane", "test", "train"] && report.counts[.train] == [3, 2, 3])
  }

  @Test func subfoldersAreReadOrCounted() throws {
    let directory = try TemporaryDirectory()
    try directory.put(images(["cat": 3, "cat/tabby": 8, "cat/tabby/old": 1, "dog": 5]))
    let all: (inout Preparation) -> Void = { ($0.validation, $0.test) = (.count(0), .count(0)) }
    let (report, _) = try prepare(directory, FolderReading(), all)
    #expect(report.counts[.train] == [3, 5])
    #expect(
      report.remarks == [
        "passed over: 9 files in subfolders of classes (such as cat/tabby/0.bmp; --nested reads them)"
      ])
    let (nested, dataset) = try prepare(directory, FolderReading(isNested: true), all)
    #expect(nested.counts[.train] == [12, 5] && nested.remarks == [])
    #expect(files(of: .train, in: dataset).contains("cat/tabby/old/0.bmp"))
    let message = try failureMessage { _ = try prepare(directory, FolderReading(isStrict: true), all) }
    #expect(message.contains("set: passed over: 9 files in subfolders of classes"), "\(message)")
    #expect(message.contains("expected images in class folders and nothing else"), "\(message)")
    // With nothing passed over, strict changes nothing.
    #expect(try prepare(directory, FolderReading(isNested: true, isStrict: true), all).report == nested)
  }

  @Test func aClassOfSubfoldersAloneIsRefused() throws {
    let directory = try TemporaryDirectory()
    try directory.put(images(["cat/tabby": 2, "dog": 2]))
    let message = try failureMessage { _ = try prepare(directory) }
    #expect(message.contains("set/cat: no images in it, but 2 files in its subfolders"), "\(message)")
    #expect(message.contains("--nested"), "\(message)")
  }

  @Test func everythingPassedOverIsCounted() throws {
    let directory = try TemporaryDirectory()
    try directory.put(images(["cat": 2, "dog": 2]))
    try directory.put([
      "set/cat/notes.txt": Array("notes".utf8), "set/dog/more.txt": Array("more".utf8), "set/cat/a.json": [123, 125],
      "set/cat/README": [65], "set/.DS_Store": [0], "set/cat/._0.bmp": [0, 5, 22, 7], "set/dog/Thumbs.db": [208],
      "set/labels.csv": Array("a,b".utf8), "set/__MACOSX/cat/._0.bmp": [0],
    ])
    try FileManager.default.createDirectory(atPath: directory.path("set/emu"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: directory.path("set/dog/up"), withDestinationPath: directory.path("set"))
    let (report, dataset) = try prepare(directory, FolderReading(isNested: true)) {
      ($0.validation, $0.test) = (.count(0), .count(0))
    }
    #expect(report.classNames == ["cat", "dog"] && dataset.imageCount == 4)
    #expect(
      report.remarks == [
        "passed over: 3 hidden files (such as .DS_Store), 1 hidden folder (__MACOSX), "
          + "1 file beside the class folders (labels.csv), 1 file without an ending (cat/README), "
          + "1 .json file (cat/a.json), 2 .txt files (such as cat/notes.txt), 1 link to folders (dog/up), "
          + "1 empty folder (emu)"
      ], "\(report.remarks)")
  }

  @Test func contentCountsAndNotTheName() throws {
    let directory = try TemporaryDirectory()
    let png = [UInt8](try Data(contentsOf: URL(filePath: importFixture("folder/dog/b.png"))))
    try directory.put([
      "set/a b/1.JPG": png, "set/a b/2": bitmap(2), "set/a b/3.data": bitmap(3), "set/a b/4.BMP": bitmap(4),
    ])
    let (report, dataset) = try prepare(directory) {
      $0.classNames = ["a b"]
      ($0.validation, $0.test) = (.count(0), .count(0))
    }
    #expect(report.classNames == ["a b"] && report.counts[.train] == [4])
    #expect(
      report.remarks == [
        "2 of 4 images are of another format than their name says: read as what they are "
          + "(such as \(directory.path("set"))/a b/1.JPG, PNG)"
      ], "\(report.remarks)")
    #expect((0..<4).map { dataset.fileName(of: $0) } == ["a b/1.JPG", "a b/2", "a b/3.data", "a b/4.BMP"])
  }

  /// What is called an image and is none is an error that says what it is, or skipped where that is asked for.
  @Test func whatIsNoImageIsNamed() throws {
    let contents: [(String, String)] = [
      ("", "empty"), ("<!DOCTYPE html>\n<html><body>Sign in</body></html>", "HTML"),
      ("version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12345\n", "Git LFS pointer"),
    ]
    for (content, name) in contents {
      let directory = try TemporaryDirectory()
      try directory.put(images(["cat": 3]))
      try directory.put(["set/cat/bad.jpg": Array(content.utf8)])
      let message = try failureMessage { _ = try prepare(directory) { $0.classNames = ["cat"] } }
      #expect(message.hasPrefix(directory.path("set/cat/bad.jpg") + ": ") && message.contains(name), "\(message)")
      #expect(message.contains("--skip-unreadable"))
      let (report, dataset) = try prepare(directory) { ($0.skipsUnreadable, $0.classNames) = (true, ["cat"]) }
      #expect(report.skipped.count == 1 && report.skipped[0].contains(name) && dataset.imageCount == 3)
    }
  }

  @Test func aBrokenLinkIsAnImageThatIsMissing() throws {
    let directory = try TemporaryDirectory()
    try directory.put(images(["cat": 3]))
    try FileManager.default.createSymbolicLink(
      atPath: directory.path("set/cat/gone.png"), withDestinationPath: "nowhere.png")
    try FileManager.default.createSymbolicLink(
      atPath: directory.path("set/cat/again.bmp"), withDestinationPath: "0.bmp")
    let message = try failureMessage { _ = try prepare(directory) { $0.classNames = ["cat"] } }
    #expect(message.hasPrefix(directory.path("set/cat/gone.png") + ": there is no such file"), "\(message)")
    let (report, _) = try prepare(directory) { ($0.skipsUnreadable, $0.classNames) = (true, ["cat"]) }
    // A link to a file is a copy of it.
    #expect(report.skipped.count == 1 && report.duplicates == 1 && report.found == 5)
  }

  @Test func traitsAreCounted() throws {
    let directory = try TemporaryDirectory()
    let matrix = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "ImagesTests/Fixtures/matrix")
    for name in [
      "rgb-alpha-8.png", "palette-8-alpha.png", "opaque-alpha.png", "pages.tif", "jpeg-cmyk.jpg", "rgb-16.png",
    ] {
      try directory.put(["set/a/\(name)": [UInt8](try Data(contentsOf: matrix.appending(path: name)))])
    }
    let (report, _) = try prepare(directory) { ($0.removesDuplicates, $0.classNames) = (false, ["a"]) }
    let root = directory.path("set/a")
    #expect(
      report.remarks == [
        "2 of 6 images are transparent in places: transparency is dropped and the colors below are kept (such as "
          + "\(root)/palette-8-alpha.png)",
        "1 of 6 images is of 16 bits per sample: the upper 8 are kept (\(root)/rgb-16.png)",
        "1 of 6 images is in CMYK: converted to RGB as Pillow does, without a color profile (\(root)/jpeg-cmyk.jpg)",
        "1 of 6 images is of several frames or pages: the first is read (\(root)/pages.tif, 3 pages)",
      ], "\(report.remarks)")
  }

  @Test func devIsTheValidationSplit() throws {
    let directory = try TemporaryDirectory()
    try directory.put(images(["train/a": 3, "train/b": 2, "dev/a": 1, "dev/b": 1]))
    let report = try prepare(directory).report
    #expect(report.counts == [.train: [3, 2], .validation: [1, 1], .test: [0, 0]])
  }

  /// Folders of splits under names that are not known never become classes in silence.
  @Test(arguments: [
    ["Training Set", "Test Set"], ["train_images", "test_images"], ["train2017", "val2017"], ["train", "evaluation"],
  ])
  func foldersThatLookLikeSplitsAreNoClasses(names: [String]) throws {
    for inner in ["/a", "/b", ""] {
      let directory = try TemporaryDirectory()
      try directory.put(images(Dictionary(uniqueKeysWithValues: names.map { ($0 + inner, 3) })))
      for isNested in [false, true] {
        let message = try failureMessage { _ = try prepare(directory, FolderReading(isNested: isNested)) }
        #expect(message.contains("folders that look like splits, not classes: "), "\(message)")
        #expect(message.contains("name all with --classes"))
      }
      let (report, _) = try prepare(directory, FolderReading(isNested: true)) {
        $0.classNames = names
        ($0.validation, $0.test) = (.count(0), .count(0))
      }
      #expect(report.counts[.train] == [3, 3])
    }
  }

  @Test func nestedIsNotAdvisedWhereItMixesClasses() throws {
    func message(_ counts: [String: Int], isNested: Bool = false) throws -> String {
      let directory = try TemporaryDirectory()
      try directory.put(images(counts))
      return try failureMessage { _ = try prepare(directory, FolderReading(isNested: isNested)) }
    }
    let data = ["data/train/a": 2, "data/train/b": 2, "data/val/a": 2]
    let split = try message(data)
    #expect(split.contains("its subfolders train, val look like splits: give the folder"), "\(split)")
    #expect(!split.contains("--nested"))
    let alone = try message(data, isNested: true)
    #expect(alone.contains("one class alone, data; expected a folder of images for each class"), "\(alone)")
    let places = ["north/a": 2, "north/b": 2, "south/a": 2, "south/b": 2]
    let shared = try message(places)
    #expect(
      shared.contains("the subfolders a, b repeat in several folders") && !shared.contains("--nested"), "\(shared)")
    let directory = try TemporaryDirectory()
    try directory.put(images(places))
    let report = try prepare(directory, FolderReading(isNested: true)).report
    #expect(report.remarks.contains("the subfolders a, b repeat in several classes; they are read as part of each"))
  }

  @Test func namesOfClasses() throws {
    let directory = try TemporaryDirectory()
    // A dictionary takes both names for one.
    try directory.put(images(["caf\u{E9}": 2, "dog": 2]))
    try directory.put(images(["cafe\u{301}": 2]))
    let message = try failureMessage { _ = try prepare(directory) }
    #expect(message.contains("two class folders of one name in different Unicode forms"), "\(message)")
    #expect(message.contains("(U+E9)") && message.contains("(U+301)"), "\(message)")
    let numbers = try TemporaryDirectory()
    try numbers.put(images(["01": 2, "1": 2]))
    #expect(
      try prepare(numbers).report.remarks.contains("the classes 01 and 1 are the same number and classes of their own"))
  }

  @Test func classesThatLookAlikeAreSaid() throws {
    let directory = try TemporaryDirectory()
    try directory.put(images(["cat": 2, "cat ": 2, "\u{FB01}sh": 2, "fish": 2]))
    let (report, dataset) = try prepare(directory)
    #expect(dataset.classNames.count == 4)
    for names in ["\"cat\" and \"cat \"", "\"fish\" and \"\u{FB01}sh\""] {
      #expect(
        report.remarks.contains {
          $0.hasPrefix("the classes \(names) differ only in spaces around them or in the form of their letters")
        }, "\(report.remarks)")
    }
  }

  /// A name of bytes that are no text can be neither a class nor a file.
  @Test(arguments: ["set/caf\u{E9}/0.bmp", "set/cat/caf\u{E9}.bmp"])
  func namesThatAreNotUTF8AreRefused(name: String) throws {
    let directory = try TemporaryDirectory()
    try directory.put(images(["cat": 2, "dog": 2]))
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    let latin = name.replacing("\u{E9}", with: "$(printf '\\351')")
    shell.arguments = ["-c", "mkdir -p \"$(dirname \"\(latin)\")\" && cp set/dog/0.bmp \"\(latin)\""]
    shell.currentDirectoryURL = URL(filePath: directory.path(""))
    try shell.run()
    shell.waitUntilExit()
    try #require(shell.terminationStatus == 0)
    let message = try failureMessage { _ = try prepare(directory) }
    #expect(message.contains("the name of a file is not UTF-8, caf\u{FFFD}"), "\(message)")
  }

  /// Beside folders of splits no other that looks like one is passed over.
  @Test(arguments: ["val1", "evaluation", "Test Set"]) func anotherFolderOfASplitIsRefused(name: String) throws {
    let directory = try TemporaryDirectory()
    try directory.put(images(["train/a": 3, "train/b": 3, "test/a": 2, "test/b": 2, "\(name)/a": 2, "\(name)/b": 2]))
    let message = try failureMessage { _ = try prepare(directory) }
    #expect(message.contains("beside test/, train/ folders that look like splits too: \(name)/"), "\(message)")
  }
}
