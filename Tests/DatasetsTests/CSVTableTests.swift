import Datasets
import Foundation
import Images
import TestSupport
import Testing

/// CSV files as people have them: read right, or refused with the line.
@Suite struct CSVTableTests {
  private static let values = [[0, 193, 88, 107], [31, 25, 113, 208], [255, 9, 8, 7]]

  private func source(
    _ bytes: [UInt8], _ directory: borrowing TemporaryDirectory, label: LabelColumn, _ text: CSVReading = CSVReading(),
    _ reading: PreparationSource.ArrayReading = .init()
  ) throws -> PreparationSource {
    try Data(bytes).write(to: URL(filePath: directory.path("a.csv")))
    return .csv(train: directory.path("a.csv"), test: nil, label: label, reading, text: text)
  }

  /// The classes of a CSV text and the samples of its images.
  private func read(
    _ bytes: [UInt8], label: LabelColumn = .first, _ text: CSVReading = CSVReading()
  ) throws -> (classes: [String], pixels: [[Int]], remarks: [String]) {
    let directory = try TemporaryDirectory()
    let (dataset, report) = try ImportKinds.imported(source(bytes, directory, label: label, text))
    return (
      ImportKinds.classes(of: dataset), try ImportKinds.pixels(of: dataset).map { $0.map(Int.init) }, report.remarks
    )
  }

  private func message(_ text: String, label: LabelColumn = .first, _ reading: CSVReading = CSVReading()) throws
    -> String
  {
    let directory = try TemporaryDirectory()
    return try ImportKinds.refusal(source(Array(text.utf8), directory, label: label, reading))
  }

  /// Lines of labels 0, 1, 0 and the values, joined by a separator.
  private func lines(_ separator: String = ",", end: String = "\n", header: String? = nil, last: String = "") -> String
  {
    let rows = Self.values.enumerated().map { row, values in
      ([row % 2] + values).map(String.init).joined(separator: separator) + last
    }
    return ((header.map { [$0] } ?? []) + rows).joined(separator: end)
  }

  @Test func everyFormGivesTheSamePictures() throws {
    let plain = lines()
    let quoted = plain.split(separator: "\n").map { line in
      line.split(separator: ",").map { "\"\($0)\"" }.joined(separator: " , ")
    }.joined(separator: "\r\n")
    let list =
      "emotion,pixels\n"
      + Self.values.enumerated().map { row, values in
        "\(row % 2),\"\(values.map(String.init).joined(separator: " "))\""
      }.joined(separator: "\n")
    let utf16: [UInt8] =
      [0xFF, 0xFE] + plain.utf16.flatMap { unit -> [UInt8] in [UInt8(unit & 255), UInt8(unit >> 8)] }
    let utf16Big: [UInt8] =
      [0xFE, 0xFF] + plain.utf16.flatMap { unit -> [UInt8] in [UInt8(unit >> 8), UInt8(unit & 255)] }
    let texts: [[UInt8]] = [
      Array(plain.utf8), [0xEF, 0xBB, 0xBF] + Array(plain.utf8), utf16, utf16Big, Array(lines(end: "\r\n").utf8),
      Array(lines(end: "\r").utf8), Array(lines(";").utf8), Array(lines("\t").utf8), Array(lines(" ").utf8),
      Array(lines(", ").utf8), Array(quoted.utf8), Array(list.utf8), Array(list.replacing("\"", with: "").utf8),
      Array(lines(last: ",").utf8), Array(("sep=;\r\n" + lines(";")).utf8),
      Array(("\n\n" + plain.replacing("\n", with: "\n\n") + "\n").utf8),
      Array(lines(header: "label,a,b,c,d").utf8), [0xEF, 0xBB, 0xBF] + Array(lines(header: "label,a,b,c,d").utf8),
      Array(lines(header: "label,a,b,c,d,", last: ",").utf8),
      Array(plain.replacing("31", with: "31.0").replacing("193", with: "+193").replacing("107", with: "1.07e2").utf8),
    ]
    for bytes in texts {
      let found = try read(bytes)
      #expect(found.pixels == Self.values, "\(String(decoding: bytes, as: UTF8.self))")
      #expect(found.classes == ["0", "1", "0"])
    }
    #expect(try read(Array(list.utf8)).remarks.contains { $0.contains("4 samples in one field") })
    #expect(try read(Array(lines(";").utf8)).remarks.contains { $0.hasSuffix("fields are parted by semicolons") })
    #expect(try read(utf16).remarks.contains { $0.contains("the text is UTF-16LE") })
    #expect(
      try read(Array(lines(header: "label,a,b,c,d").utf8)).remarks.contains {
        $0.hasSuffix("the first line is a header (label, a, b, c, …); the label is in label")
      })
  }

  @Test func labelsInTextAndByName() throws {
    let text = "id;klass\n".replacing("id;klass", with: "a;b;c;d;klass") + "1;2;3;4;Katze\n5;6;7;255;Hund\n"
    let found = try read(Array(text.utf8), label: .named("klass"))
    #expect(found.classes == ["Katze", "Hund"] && found.pixels == [[1, 2, 3, 4], [5, 6, 7, 255]])
    #expect(try read(Array("cat,9,2,3,4\ndog,5,6,7,255\n".utf8)).classes == ["cat", "dog"])
    #expect(try read(Array("true,9,2,3,4\nfalse,5,6,7,255\n".utf8)).classes == ["true", "false"])
    #expect(try read(Array("1.0,1,2,3,4\n0.0,5,6,7,255\n".utf8)).classes == ["1", "0"])
    let latin: [UInt8] = Array("caf".utf8) + [0xE9] + Array(",9,2,3,4\ncaf".utf8) + [0xE8] + Array(",5,6,7,255\n".utf8)
    #expect(try read(latin, CSVReading(encoding: "ISO-8859-1")).classes == ["café", "cafè"])
    let directory = try TemporaryDirectory()
    let refusal = try ImportKinds.refusal(source(latin, directory, label: .first))
    #expect(refusal.contains("line 1: byte E9 is not UTF-8; expected text in UTF-8; name the encoding"))
  }

  /// As FER2013 has them; the source's splits are taken as such.
  @Test func aColumnTellsTheSplits() throws {
    let directory = try TemporaryDirectory()
    let rows = ["Training", "PublicTest", "PrivateTest", "Training"].enumerated().map { row, usage in
      "\(row % 2),\(row) 2 3 25\(row),\(usage)"
    }
    for label in [LabelColumn.first, .named("Emotion")] {
      let text = (["emotion,pixels,Usage"] + rows).joined(separator: "\n")
      var preparation = Preparation(
        source: try source(Array(text.utf8), directory, label: label), name: "n", origin: "", license: "")
      preparation.seed = 5
      let report = try preparation.run(writingTo: directory.path("a.h5"))
      #expect(report.counts == [.train: [1, 1], .validation: [0, 1], .test: [1, 0]])
      #expect(report.remarks.contains { $0.hasSuffix("the column Usage tells the splits") })
      let dataset = try Dataset(opening: directory.path("a.h5"))
      func firsts(_ split: Split) throws -> [UInt8] {
        try dataset.samples(of: split).map { try dataset.image(at: dataset.imageIndex(of: $0)).pixels[0] }
      }
      #expect(try firsts(.validation) == [1] && firsts(.test) == [2] && firsts(.train) == [0, 3])
    }
    #expect(
      try message("label,p,usage\n0,1 2 3 4,somewhere\n").contains("line 2: a split called \"somewhere\""))
  }

  @Test func damagedFirstRowsAreNoHeaders() throws {
    let rest = "\n1,5,6,7,255\n"
    #expect(try message("O,1,2,3,x" + rest).contains("line 1: field 5, \"x\", is not a number, others are"))
    #expect(try message("0,1,2,,4" + rest).contains("line 1: field 4 is not a number"))
    #expect(try message("x0,9,2,3,4" + rest).contains("labels that are numbers such as \"1\" beside texts"))
    #expect(try read(Array(("\u{FEFF}\u{FEFF}0,9,2,3,4" + rest).utf8)).classes == ["0", "1"])
    #expect(try message("0,1,2,3,label\n1,2,3,4,cat\n", label: .last).contains("line 1: the numbers 0, 1, 2 …"))
    let found = try read(Array("0,1,2,3,label\n1,2,3,4,cat\n".utf8), label: .last, CSVReading(hasHeader: true))
    #expect(found.classes == ["cat"] && found.pixels == [[1, 2, 3, 4]])
    #expect(try message("a,b,c,d,e" + rest, CSVReading(hasHeader: false)).contains("line 1: field 2 is not a number"))
  }

  @Test func unevenAndStrangeFiles() throws {
    #expect(try message("0,9,2,3,4\n\n1,2,3,4\n").contains("line 3: 4 columns; expected 5 as in the rows before"))
    #expect(try message("0,9,2,3,4,\n1,2,3,4,5\n").contains("line 2: no separator at its end"))
    #expect(try message("l,p\n0,1 2 3 4\n1,1 2 3\n").contains("line 3: 3 samples; expected 4 as in the rows before"))
    #expect(try message("0;0,5;0,25;1;1\n1;0,5;0,75;1;1\n").contains("several separators are possible"))
    #expect(
      try message("0;0,5;0,25;1;1\n1;0,5;0,75;1;1\n", CSVReading(separator: UInt8(ascii: ";")))
        .contains("write decimal points"))
    #expect(try message(",a,b,c,d,label\n0,1,2,3,4,1\n1,5,6,7,8,0\n", label: .last).contains("column 1 has no name"))
    #expect(
      try message("age,pixels,label\n7,1 2 3 4,0\n", label: .last).contains("columns beside the samples in pixels: age")
    )
    #expect(try message("0,9,2,3,4\n\"1,2,3,4,5\n").contains("a quote that is not closed"))
    #expect(try message("a,b\n", label: .named("c")).contains("no rows in it"))
    #expect(try message("a,b\n1,2\n", label: .named("c")).contains("there is no column c; expected one of a, b"))
    #expect(try message("0,0.5,0.25,1,1\n1,0,0,0,1\n").contains("samples 0 to 1 of decimal numbers"))
    #expect(try message("0,1,2,3,4\n", CSVReading(encoding: "Klingon")).contains("\"Klingon\" is unknown"))
  }

  /// Names that pandas gives to columns are no image: 0, 1, 2 …, and a first row that it took for names.
  @Test func headersOfNumbersAreAskedFor() throws {
    for first in ["0,1,2,3,4", "1,2,3,4,5", "5,0,0.1,0.2,193", "1,2,3,4,5,", "label,1,2,3,4", "5,7,5.1,7.1,5.2"] {
      let end = first.hasSuffix(",") ? "," : ""
      let text = "\(first)\n7,31,25,113,208\(end)\n3,255,9,8,7\(end)\n"
      #expect(try message(text).contains("say with --header yes or no whether it is one"), "\(first)")
      let found = try read(Array(text.utf8), CSVReading(hasHeader: true))
      #expect(found.classes == ["7", "3"] && found.pixels == [[31, 25, 113, 208], [255, 9, 8, 7]], "\(first)")
    }
    for first in ["0,1,2,3,5", "2,3,4,5,6", "5,0,0,0,193", "5,0,0.5,0.2,193"] {
      #expect(try read(Array("\(first)\n7,31,25,113,208\n".utf8)).classes.count == 2, "\(first)")
    }
    #expect(try read(Array("0,1,2,3,4\n7,31,25,113,208\n".utf8), CSVReading(hasHeader: false)).classes == ["0", "7"])
  }

  /// Columns that number the rows are no samples.
  @Test func columnsThatNumberTheRowsAreLeftOut() throws {
    for name in ["id", "Index", "Unnamed: 0"] {
      let found = try read(
        Array("\(name),label,a,b,c,d\n0,1,31,25,113,208\n1,0,255,9,8,7\n".utf8), label: .named("label"))
      #expect(found.pixels == [[31, 25, 113, 208], [255, 9, 8, 7]] && found.classes == ["1", "0"])
      #expect(found.remarks.contains { $0.hasSuffix("left out by its name, as it numbers the rows: \(name)") })
    }
    #expect(
      try message("id,label,a,b,c,d\n0,1,31,25,113,208\n").contains(
        "the first column is called id, as one that numbers"))
    let forced = try read(Array("id,a,b,c,d\n0,31,25,113,208\n1,255,9,8,7\n".utf8), label: .named("id"))
    #expect(forced.classes == ["0", "1"])
  }
}
