import Datasets
import Foundation
import HDF5
import Images
import Support
import TestSupport
import Testing

@Suite struct PreparationTests {
  private func preparation(_ source: PreparationSource) -> Preparation {
    Preparation(source: source, name: "name", origin: "origin", license: "license")
  }

  /// CSV rows of 2 x 2 pictures, `(label, four samples)` each, in a file.
  private func rows(_ rows: [(Int, [Int])], _ path: String) throws -> PreparationSource {
    let text = rows.map { row in ([row.0] + row.1).map(String.init).joined(separator: ",") }.joined(separator: "\n")
    try Data(text.utf8).write(to: URL(filePath: path))
    return .csv(train: path, test: nil, label: .first, PreparationSource.ArrayReading())
  }

  @Test func classesAreSplitByTheirShares() throws {
    let directory = try TemporaryDirectory()
    let rows = (0..<40).map { ($0 % 4 == 0 ? 1 : 0, [$0, 1, 2, 3]) }
    var preparation = preparation(try self.rows(rows, directory.path("a.csv")))
    preparation.test = .fraction(0.5)
    preparation.validation = .count(2)
    let report = try preparation.run(writingTo: directory.path("a.h5"))
    #expect(report.counts == [.train: [13, 3], .validation: [2, 2], .test: [15, 5]])
    #expect(report.count(of: .test) == 20)

    preparation.train = .atMost(5)
    let limited = try preparation.run(writingTo: directory.path("a.h5"))
    #expect(limited.counts == [.train: [5, 3], .validation: [2, 2], .test: [15, 5]])
    let dataset = try Dataset(opening: directory.path("a.h5"))
    #expect(dataset.imageCount == 32)
    // Every picture once, under its own label.
    let firsts = try (0..<32).map { Int(try dataset.image(at: $0).pixels[0]) }
    #expect(Set(firsts).count == 32)
    #expect((0..<32).allSatisfy { dataset.label(of: $0) == (firsts[$0] % 4 == 0 ? 1 : 0) })

    preparation.train = .count(4)
    #expect(
      try failureMessage { _ = try preparation.run(writingTo: directory.path("a.h5")) }
        .contains("split train of class 1 asks for 4 images of which 3 are left"))
    (preparation.train, preparation.test) = (.rest, .rest)
    #expect(
      try failureMessage { _ = try preparation.run(writingTo: directory.path("a.h5")) }.contains(
        "two splits take the rest"))
    preparation.test = .fraction(1.5)
    #expect(
      try failureMessage { _ = try preparation.run(writingTo: directory.path("a.h5")) }.contains("fraction of 1.5"))
  }

  @Test func theSameInputAndSeedGiveTheSameBytes() throws {
    let directory = try TemporaryDirectory()
    var preparation = preparation(.folder(try importFixture("folder")))
    (preparation.test, preparation.validation) = (.count(1), .count(0))
    preparation.seed = 3
    _ = try preparation.run(writingTo: directory.path("a.h5"))
    let first = try Data(contentsOf: URL(filePath: directory.path("a.h5")))
    // A later second on the clock, for nothing in the file may depend on it.
    Thread.sleep(forTimeInterval: 1.1)
    _ = try preparation.run(writingTo: directory.path("b.h5"))
    #expect(try Data(contentsOf: URL(filePath: directory.path("b.h5"))) == first)

    let splits = try (0..<20).map { seed in
      preparation.seed = UInt64(seed)
      _ = try preparation.run(writingTo: directory.path("c.h5"))
      return try Dataset(opening: directory.path("c.h5")).samples(of: .test)
    }
    #expect(Set(splits).count > 1)
  }

  @Test func ofEqualPicturesTheFirstIsKeptUnlessLabelsDiffer() throws {
    let directory = try TemporaryDirectory()
    var preparation = preparation(
      try rows(
        [
          (0, [1, 1, 1, 1]), (1, [2, 2, 2, 2]), (0, [1, 1, 1, 1]), (0, [3, 3, 3, 3]), (1, [3, 3, 3, 3]),
          (0, [3, 3, 3, 3]), (0, [1, 1, 1, 1]),
        ], directory.path("a.csv")))
    (preparation.test, preparation.validation) = (.count(0), .count(0))
    let report = try preparation.run(writingTo: directory.path("a.h5"))
    #expect(report.found == 7 && report.duplicates == 2 && report.conflicting == 3)
    let dataset = try Dataset(opening: directory.path("a.h5"))
    #expect(try (0..<dataset.imageCount).map { try dataset.image(at: $0).pixels[0] } == [1, 2])

    preparation.removesDuplicates = false
    let all = try preparation.run(writingTo: directory.path("a.h5"))
    #expect(all.duplicates == 0 && all.conflicting == 0 && all.count(of: .train) == 7)
  }

  @Test func theTestSetOfTheSourceStaysWholeAndItsCopiesLeaveTheRest() throws {
    let directory = try TemporaryDirectory()
    _ = try rows([(0, [1, 1, 1, 1]), (1, [2, 2, 2, 2]), (0, [3, 3, 3, 3])], directory.path("train.csv"))
    _ = try rows([(0, [3, 3, 3, 3]), (1, [4, 4, 4, 4])], directory.path("test.csv"))
    var preparation = preparation(
      .csv(
        train: directory.path("train.csv"), test: directory.path("test.csv"), label: .first,
        PreparationSource.ArrayReading()))
    preparation.validation = .count(0)
    let report = try preparation.run(writingTo: directory.path("a.h5"))
    #expect(report.duplicates == 1)
    #expect(report.counts == [.train: [1, 1], .validation: [0, 0], .test: [1, 1]])
    let dataset = try Dataset(opening: directory.path("a.h5"))
    let test = dataset.samples(of: .test).map(dataset.imageIndex)
    #expect(try test.map { try dataset.image(at: $0).pixels[0] } == [3, 4])
  }

  @Test func foldersBecomeClasses() throws {
    let directory = try TemporaryDirectory()
    var preparation = preparation(.folder(try importFixture("folder")))
    (preparation.test, preparation.validation) = (.count(0), .count(0))
    var steps: [Int] = []
    let report = try preparation.run(
      writingTo: directory.path("a.h5"),
      progress: { done, total in
        #expect(total == 10)
        steps.append(done)
      })
    #expect(steps == steps.sorted() && steps.last == 10)
    #expect(report.classNames == ["cat", "dog"] && report.duplicates == 1)
    #expect(report.counts[.train] == [2, 2])
    let dataset = try Dataset(opening: directory.path("a.h5"))
    #expect(dataset.channels == 3)
    // The gray picture has three equal channels now.
    let gray = try dataset.image(at: 3)
    #expect(gray.height == 8 && gray.converted(toChannels: 1).converted(toChannels: 3) == gray)

    preparation.channels = 1
    preparation.classNames = ["dog", "cow", "cat"]
    _ = try preparation.run(writingTo: directory.path("a.h5"))
    let ordered = try Dataset(opening: directory.path("a.h5"))
    #expect(ordered.channels == 1 && ordered.classNames == ["dog", "cow", "cat"])
    #expect((0..<4).map(ordered.label) == [2, 2, 0, 0])
    #expect(try ordered.image(at: 3) == gray.converted(toChannels: 1))

    preparation.classNames = ["dog"]
    #expect(
      try failureMessage { _ = try preparation.run(writingTo: directory.path("a.h5")) }
        .contains("folder/cat: a folder of no known class; expected one of dog"))
  }

  @Test func trainAndTestFolders() throws {
    let directory = try TemporaryDirectory()
    let manager = FileManager.default
    try manager.createDirectory(atPath: directory.path("set"), withIntermediateDirectories: true)
    try manager.copyItem(atPath: importFixture("folder"), toPath: directory.path("set/train"))
    var preparation = preparation(.folder(directory.path("set")))
    preparation.validation = .count(0)
    #expect(
      try failureMessage { _ = try preparation.run(writingTo: directory.path("a.h5")) }.contains(
        "train/ without a folder for validation or test"))
    try manager.createDirectory(atPath: directory.path("set/test/dog"), withIntermediateDirectories: true)
    #expect(
      try failureMessage { _ = try preparation.run(writingTo: directory.path("a.h5")) }.contains(
        "set/test: no class folder with images in it"))
    try manager.copyItem(atPath: importFixture("folder/dog/b.png"), toPath: directory.path("set/test/dog/z.png"))
    let report = try preparation.run(writingTo: directory.path("a.h5"))
    #expect(report.counts == [.train: [2, 1], .validation: [0, 0], .test: [0, 1]])
    #expect(report.duplicates == 2)
  }

  @Test func anUnreadablePictureIsNamedAndOnlyIfAskedSkipped() throws {
    let directory = try TemporaryDirectory()
    let manager = FileManager.default
    try manager.copyItem(atPath: importFixture("folder"), toPath: directory.path("set"))
    try Data("no picture".utf8).write(to: URL(filePath: directory.path("set/cat/bad.jpg")))
    var preparation = preparation(.folder(directory.path("set")))
    (preparation.test, preparation.validation) = (.count(0), .count(0))
    let message = try failureMessage { _ = try preparation.run(writingTo: directory.path("a.h5")) }
    #expect(message.hasPrefix(directory.path("set/cat/bad.jpg") + ": it is a plain text; expected a JPEG, PNG"))
    #expect(message.hasSuffix("; --skip-unreadable skips such images"))
    #expect(!(try directory.names().contains("a.h5")))
    preparation.skipsUnreadable = true
    let report = try preparation.run(writingTo: directory.path("a.h5"))
    #expect(report.skipped.map { $0 + "; --skip-unreadable skips such images" } == [message])
    #expect(report.count(of: .train) == 4 && report.found == 6)
  }

  @Test func labelsAndShares() throws {
    let directory = try TemporaryDirectory()
    var preparation = preparation(try rows([(0, [1, 1, 1, 1]), (2, [2, 2, 2, 2])], directory.path("a.csv")))
    preparation.classNames = ["a", "b"]
    #expect(
      try failureMessage { _ = try preparation.run(writingTo: directory.path("a.h5")) }
        .contains("image 1: label 2; expected 0 to 1; name every class"))
    preparation.classNames = nil
    (preparation.train, preparation.test, preparation.validation) = (.count(0), .count(0), .count(0))
    #expect(
      try failureMessage { _ = try preparation.run(writingTo: directory.path("a.h5")) }.contains("no images are left"))
    #expect(try directory.names() == ["a.csv"])
  }

  @Test func imagesThatSharesLeaveOutAreCounted() throws {
    func remarks(_ train: SplitShare) throws -> [String] {
      let directory = try TemporaryDirectory()
      var preparation = Preparation(
        source: try ImportKinds.npy("expected.npy"), name: "n", origin: "o", license: "l")
      (preparation.train, preparation.validation, preparation.test) = (train, .count(0), .count(0))
      return try preparation.run(writingTo: directory.path("a.h5")).remarks
    }
    let said = "go into no split, as the shares leave them out"
    #expect(try !remarks(.rest).contains { $0.contains(said) })
    let classes = try ImportKinds.imported(ImportKinds.npy("expected.npy")).dataset.classNames.count
    #expect(try remarks(.count(1)).contains("\(6 - classes) of 6 images \(said)"))
  }

  /// The rest is what all others leave, whichever split takes it.
  @Test func theRestIsTakenLast() throws {
    let directory = try TemporaryDirectory()
    let rows = (0..<20).map { ($0 % 2, [$0, 1, 2, 3]) }
    var preparation = preparation(try self.rows(rows, directory.path("a.csv")))
    func counts(_ train: SplitShare, _ validation: SplitShare, _ test: SplitShare) throws -> [Split: [Int]] {
      (preparation.train, preparation.validation, preparation.test) = (train, validation, test)
      return try preparation.run(writingTo: directory.path("a.h5")).counts
    }
    let expected: [Split: [Int]] = [.train: [5, 5], .validation: [2, 2], .test: [3, 3]]
    #expect(try counts(.count(5), .count(2), .rest) == expected)
    #expect(try counts(.count(5), .rest, .count(3)) == expected)
    #expect(try counts(.rest, .count(2), .count(3)) == expected)
    #expect(try counts(.atMost(50), .count(2), .rest) == [.train: [8, 8], .validation: [2, 2], .test: [0, 0]])
    let message = try failureMessage { _ = try counts(.count(9), .count(2), .rest) }
    #expect(message.contains("split train of class 0 asks for 9 images of which 8 are left"), "\(message)")
  }

  /// Shares that are more than the whole are an error; defaults take what is left.
  @Test func sharesAreOfOneWhole() throws {
    let directory = try TemporaryDirectory()
    let rows = (0..<20).map { ($0 % 2, [$0, 9, 2, 3]) }
    var preparation = preparation(try self.rows(rows, directory.path("a.csv")))
    func counts(_ validation: SplitShare?, _ test: SplitShare?, train: SplitShare = .rest) throws -> [Split: [Int]] {
      (preparation.train, preparation.validation, preparation.test) = (train, validation, test)
      return try preparation.run(writingTo: directory.path("a.h5")).counts
    }
    #expect(
      try failureMessage { _ = try counts(.fraction(0.6), .fraction(0.6)) }.contains(
        "shares of 60.0 % for test and 60.0 % for validation are more than the whole"))
    #expect(
      try failureMessage { _ = try counts(.fraction(0.8), .count(5)) }.contains(
        "split validation of class 0 asks for 80 % of 10 images, of which 5 are left"))
    #expect(try counts(.fraction(0.5), .fraction(0.5)) == [.train: [0, 0], .validation: [5, 5], .test: [5, 5]])
    #expect(try counts(.fraction(0.25), .fraction(0.25), train: .fraction(0.5))[.train] == [4, 4])
    #expect(try counts(nil, .fraction(1)) == [.train: [0, 0], .validation: [0, 0], .test: [10, 10]])
  }

  @Test func aSourceIsNeverReplaced() throws {
    let directory = try TemporaryDirectory()
    let source = try rows([(0, [9, 1, 1, 1]), (1, [2, 2, 2, 2])], directory.path("a.csv"))
    #expect(source.paths == [directory.path("a.csv")])
    #expect(
      try OutputFile(directory.path("a.csv"), inputs: source.paths).problem(replacing: true)
        == .isInput(source.paths[0]))
  }
}
