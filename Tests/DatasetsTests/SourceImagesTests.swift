import Datasets
import Foundation
import Images
import TestSupport
import Testing

/// A source's own test set has the columns and the classes of its training set.
@Suite struct SourceImagesTests {
  private static let values = [[0, 193, 88, 107], [31, 25, 113, 208], [255, 9, 8, 7]]

  private func text(_ labels: [String], _ names: [String]?, order: [Int] = [0, 1, 2, 3]) -> String {
    let header = names.map { [(["label"] + $0).joined(separator: ",")] } ?? []
    let rows = labels.enumerated().map { row, label in
      ([label] + order.map { "\(Self.values[row % 3][$0])" }).joined(separator: ",")
    }
    return (header + rows).joined(separator: "\n")
  }

  /// The pixels of training and test images, and what was said.
  private func read(
    _ train: String, _ test: String?, classes: [String]? = nil,
    _ reading: PreparationSource.ArrayReading = .init()
  ) throws -> (train: [[UInt8]], test: [[UInt8]], names: [String], report: PreparationReport) {
    let directory = try TemporaryDirectory()
    try Data(train.utf8).write(to: URL(filePath: directory.path("train.csv")))
    if let test { try Data(test.utf8).write(to: URL(filePath: directory.path("test.csv"))) }
    var preparation = Preparation(
      source: .csv(
        train: directory.path("train.csv"), test: test.map { _ in directory.path("test.csv") }, label: .first,
        reading), name: "n", origin: "", license: "")
    preparation.removesDuplicates = false
    (preparation.validation, preparation.classNames) = (.count(0), classes)
    if test == nil { preparation.test = .count(0) }
    let report = try preparation.run(writingTo: directory.path("a.h5"))
    let dataset = try Dataset(opening: directory.path("a.h5"))
    func pixels(_ split: Split) throws -> [[UInt8]] {
      try dataset.samples(of: split).map { try dataset.image(at: dataset.imageIndex(of: $0)).pixels }
    }
    return (try pixels(.train), try pixels(.test), dataset.classNames, report)
  }

  private var expected: [[UInt8]] { Self.values.map { $0.map(UInt8.init) } }
  private let labels = ["0", "1", "0"]

  @Test func testColumnsAreMatchedByName() throws {
    let names = ["a", "b", "c", "d"]
    let other = text(labels, ["d", "b", "a", "c"], order: [3, 1, 0, 2])
    let found = try read(text(labels, names), other)
    #expect(found.train == expected && found.test == expected)
    #expect(found.report.remarks.contains { $0.contains("another order than those of") && $0.contains("by name") })
    // The same file under the names of training in their order is another one.
    #expect(try read(text(labels, names), text(labels, names, order: [3, 1, 0, 2])).test != expected)
    let same = try read(text(labels, names), text(labels, names))
    #expect(same.test == expected && !same.report.remarks.contains { $0.contains("by name") })
    func message(_ names: [String]?) throws -> String {
      try failureMessage { _ = try read(text(labels, ["a", "b", "c", "d"]), text(labels, names)) }
    }
    #expect(try message(["a", "b", "x", "d"]).contains("test.csv: no column c; expected the columns of"))
    #expect(try message(["a", "b", "c", "C"]).contains("test.csv: no column d"))
    let bare = try read(text(labels, names), text(labels, nil))
    #expect(bare.test == expected && bare.report.remarks.contains { $0.contains("test.csv has no header") })
  }

  @Test func numberedColumnsAreReadInTheOrderOfTheirNumbers() throws {
    let shuffled = text(labels, ["pixel1", "pixel10", "pixel2", "pixel9"], order: [0, 3, 1, 2])
    let found = try read(shuffled, text(labels, ["pixel1", "pixel2", "pixel9", "pixel10"]))
    #expect(found.train == expected && found.test == expected)
    #expect(
      found.report.remarks.contains {
        $0.contains("not in the order of the numbers in their names (pixel10 stands where pixel2 is expected)")
      }, "\(found.report.remarks)")
    for names in [
      ["p0", "p1", "p2", "p3"], ["1x1", "1x2", "2x1", "2x2"], ["1x1", "2x1", "1x2", "2x2"], ["r0", "g0", "r1", "g1"],
    ] {
      let plain = try read(text(labels, names), nil)
      #expect(plain.train == expected && !plain.report.remarks.contains { $0.contains("order") }, "\(names)")
    }
    for names in [["1x1", "1x10", "1x2", "2x1"], ["r10", "g0", "r2", "g1"]] {
      let message = try failureMessage { _ = try read(text(labels, names), nil) }
      #expect(message.contains("numbered columns in the order of their numbers"), "\(message)")
    }
  }

  @Test func testClassesAreThoseOfTraining() throws {
    func message(_ train: [String], _ test: [String]) throws -> String {
      try failureMessage { _ = try read(text(train, nil), text(test, nil)) }
    }
    let animals = ["cat", "dog", "emu"]
    #expect(
      try message(animals, ["Cat", "dog", "emu"])
        .contains("a class of the test set that no training image has: Cat (differing from cat in case alone)"))
    #expect(
      try message(animals, ["cat", "gnu", "yak"]).contains(
        "2 classes of the test set that no training image has: gnu, yak"))
    let shifted = try message(["0", "1", "2"], ["1", "2", "3"])
    #expect(
      shifted.contains(
        "that no training image has: 3; the labels of training seem to count from 0, those of the test from 1"))
    #expect(try message(["1", "2", "3"], ["0", "1", "2"]).contains("seem to count from 1, those of the test from 0"))
    let forced = try read(text(["0", "1", "2"], nil), text(["1", "2", "3"], nil), classes: ["a", "b", "c", "d"])
    #expect(forced.report.counts[.test] == [0, 1, 1, 1])
    let fewer = try read(text(animals, nil), text(["cat", "cat", "dog"], nil))
    #expect(fewer.report.remarks.contains("the test set has no image of 1 of 3 training classes: emu"))
    // A column of splits makes the same two sets.
    let column = "label,p,usage\ncat,0 2 3 4,Training\ndog,1 2 3 255,Training\ngnu,7 2 3 4,PrivateTest\n"
    #expect(try failureMessage { _ = try read(column, nil) }.contains("that no training image has: gnu"))
  }

  @Test func labelsWrittenInSeveralWaysAreSaid() throws {
    let spaced = try read(text(["emu", " emu", "dog"], nil), nil)
    #expect(spaced.names == ["dog", "emu"])
    #expect(
      spaced.report.remarks.contains {
        $0.contains(
          "the label emu is written in 2 ways, with spaces around it, taken as one class: \"emu\" 1 times, \" emu\" 1 times"
        )
      }, "\(spaced.report.remarks)")
    let forms = try read(text(["caf\u{E9}", "cafe\u{301}", "dog"], nil), nil)
    #expect(
      forms.names.count == 2 && forms.report.remarks.contains { $0.contains("with 2 Unicode forms of its letters") })
    #expect(!(try read(text(["emu", "emu", "dog"], nil), nil)).report.remarks.contains { $0.contains("ways") })
    #expect(
      try read(text(["Emu", "emu", "dog"], nil), nil).report.remarks
        .contains("the labels Emu and emu differ in case alone and are classes of their own"))
  }

  @Test func hexadecimalIsNoNumber() throws {
    for field in ["0x1F", "0x1p3"] {
      let message = try failureMessage { _ = try read("0,9,2,3,255\n1,2,\(field),3,4\n", nil) }
      #expect(message.contains("line 2: field 3 is not a number"), "\(message)")
    }
  }

  @Test func commentsAtTheBeginningAreLeftOut() throws {
    let plain = text(labels, nil)
    for comment in ["# made by hand\n", "# a; b\n#\n", "# one, two\r\n"] {
      let found = try read(comment + plain, nil)
      #expect(found.train == expected)
      #expect(found.report.remarks.contains { $0.contains("of comment at its beginning") }, "\(comment)")
    }
    // As numpy.savetxt writes a header.
    let header = try read("# label,a,b,c,d\n" + plain, text(labels, ["b", "a", "c", "d"], order: [1, 0, 2, 3]))
    #expect(header.train == expected && header.test == expected)
    #expect(!header.report.remarks.contains { $0.contains("comment") })
  }

  /// The letters of names say which number is the row; samples are then read row by row.
  @Test func rowsAndColumnsByName() throws {
    // The samples stand in the order 0, 2, 1, 3 of a picture of 2 x 2.
    for names in [
      ["r0c0", "r1c0", "r0c1", "r1c1"], ["x0y0", "x0y1", "x1y0", "x1y1"],
      ["row0_col0", "row1_col0", "row0_col1", "row1_col1"],
    ] {
      let found = try read(text(labels, names, order: [0, 2, 1, 3]), nil)
      #expect(found.train == expected, "\(names)")
      #expect(found.report.remarks.contains { $0.contains("they are read in that order") }, "\(names)")
      // As asked: column by column, which is how they stand.
      let asked = try read(text(labels, names, order: [0, 2, 1, 3]), nil, .init(axes: ArrayAxes("WH")))
      #expect(asked.train == expected && !asked.report.remarks.contains { $0.contains("in that order") }, "\(names)")
    }
    for names in [["r0c0", "r0c1", "r1c0", "r1c1"], ["x0y0", "x1y0", "x0y1", "x1y1"]] {
      let plain = try read(text(labels, names), nil)
      #expect(plain.train == expected && !plain.report.remarks.contains { $0.contains("order") }, "\(names)")
    }
  }

  @Test func planesOfColorAreAskedFor() throws {
    // One picture of 2 x 2 in color: R 1 2 3 4, G 5 6 7 8, B 9 10 11 255.
    let names = ["R", "G", "B"].flatMap { color in (0..<4).map { "\(color)\($0)" } }
    let csv = "label,\(names.joined(separator: ","))\n0,1,2,3,4,5,6,7,8,9,10,11,255\n"
    let layout = ImageLayout(height: 2, width: 2, channels: 3)
    let message = try failureMessage { _ = try read(csv, nil, .init(layout: layout)) }
    #expect(message.contains("columns R0 …, then G0 …; expected the samples of an image pixel by pixel"), "\(message)")
    let found = try read(csv, nil, .init(layout: layout, axes: ArrayAxes("CHW")))
    #expect(found.train == [[1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 255]])
    let mixed = (0..<4).flatMap { place in ["R", "G", "B"].map { "\($0)\(place)" } }
    let pixels = try read(
      "label,\(mixed.joined(separator: ","))\n0,1,2,3,4,5,6,7,8,9,10,11,255\n", nil, .init(layout: layout))
    #expect(pixels.train == [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]])
  }
}
