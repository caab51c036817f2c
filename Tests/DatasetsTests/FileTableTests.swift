import Datasets
import Foundation
import Support
import TestSupport
import Testing

/// CSV files that list image files with their labels and splits.
@Suite struct FileTableTests {
  private func prepare(
    _ directory: borrowing TemporaryDirectory, _ text: String, _ change: (inout FileTable) -> Void = { _ in },
    classNames: [String]? = nil
  ) throws -> (report: PreparationReport, dataset: Dataset) {
    try Data(text.utf8).write(to: URL(filePath: directory.path("table.csv")))
    var table = FileTable(path: directory.path("table.csv"))
    change(&table)
    var preparation = Preparation(source: .files(table), name: "n", origin: "", license: "")
    preparation.classNames = classNames
    if !text.contains("test") { (preparation.validation, preparation.test) = (.count(0), .count(0)) }
    let report = try preparation.run(writingTo: directory.path("a.h5"))
    return (report, try Dataset(opening: directory.path("a.h5")))
  }

  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.put(
      Dictionary(uniqueKeysWithValues: (0..<8).map { ("images/\($0).bmp", bitmap($0)) } + [("x, y.bmp", bitmap(8))]))
    return directory
  }

  /// `file: label` in the order of the dataset.
  private func pairs(_ dataset: Dataset, of split: Split = .train) -> [String] {
    dataset.samples(of: split).map {
      "\(dataset.fileName(of: dataset.imageIndex(of: $0)) ?? "-"): \(dataset.classNames[dataset.label(of: $0)])"
    }
  }

  @Test func columnsAreFoundByTheirNames() throws {
    let directory = try directory()
    let (report, dataset) = try prepare(
      directory, "id,Class,width,Filename\n1,dog,7,images/1.bmp\n2,cat,7,./images/0.bmp\n3,dog,8,\"x, y.bmp\"\n")
    #expect(dataset.classNames == ["cat", "dog"])
    #expect(pairs(dataset) == ["images/1.bmp: dog", "images/0.bmp: cat", "x, y.bmp: dog"])
    #expect(report.remarks == ["columns read: Filename (file), Class (label); not read: id, width"])
  }

  @Test func withoutAHeaderTheFirstColumnsCount() throws {
    let directory = try directory()
    let (report, dataset) = try prepare(directory, "images/1.bmp,dog\nimages/0.bmp,cat\n")
    #expect(pairs(dataset) == ["images/1.bmp: dog", "images/0.bmp: cat"])
    #expect(report.remarks == ["no header line: the columns are file, label"])
  }

  @Test func splitsAreTaken() throws {
    let directory = try directory()
    let text = """
      file,label,split
      images/0.bmp,a,train
      images/1.bmp,b,Training
      images/2.bmp,a,val
      images/3.bmp,b,validation
      images/4.bmp,a,test
      images/5.bmp,b,TEST

      """
    let (report, dataset) = try prepare(directory, text)
    #expect(report.counts == [.train: [1, 1], .validation: [1, 1], .test: [1, 1]])
    #expect(pairs(dataset, of: .validation) == ["images/2.bmp: a", "images/3.bmp: b"])
    #expect(pairs(dataset, of: .test) == ["images/4.bmp: a", "images/5.bmp: b"])
    let message = try failureMessage { _ = try prepare(directory, text.replacing("TEST", with: "holdout")) }
    #expect(message.contains("row 7: split \"holdout\"; expected train, validation (val) or test"), "\(message)")
  }

  /// Numbers are sorted as numbers and are names, not positions, unless names are given for them.
  @Test func labelsAreNumbers() throws {
    let directory = try directory()
    let text = "file,label\nimages/0.bmp,10\nimages/1.bmp,2\nimages/2.bmp,10\n"
    let (_, dataset) = try prepare(directory, text)
    #expect(dataset.classNames == ["2", "10"])
    #expect(pairs(dataset) == ["images/1.bmp: 2", "images/0.bmp: 10", "images/2.bmp: 10"].sorted())
    let (report, named) = try prepare(
      directory, "file,label\nimages/0.bmp,1\nimages/1.bmp,0\n", classNames: ["cat", "dog"])
    #expect(pairs(named) == ["images/0.bmp: dog", "images/1.bmp: cat"])
    #expect(report.remarks.last == "labels are numbers: --classes names them from 0 on")
    let message = try failureMessage { _ = try prepare(directory, text, classNames: ["cat", "dog"]) }
    #expect(message.contains("row 2: label 10; expected one of 0, 1"), "\(message)")
  }

  @Test func missingFilesAreOneErrorOrLeftOut() throws {
    let directory = try directory()
    let text = "file,label\n" + (4..<12).map { "images/\($0).bmp,a\n" }.joined()
    let message = try failureMessage { _ = try prepare(directory, text) }
    #expect(
      message.contains(
        "4 of 8 files are missing (images/8.bmp, images/9.bmp, images/10.bmp, …); expected all of them in"),
      "\(message)")
    let (report, dataset) = try prepare(directory, text, { $0.skipsMissing = true })
    #expect(dataset.imageCount == 4)
    #expect(
      report.remarks.contains(
        "4 of 8 files are missing (images/8.bmp, images/9.bmp, images/10.bmp, …) and left out"))
    // A header that is not recognized looks like a missing file.
    #expect(
      try failureMessage { _ = try prepare(directory, "picture,kind\nimages/0.bmp,a\n") }
        .contains("if its first line names the columns, give --file-column and --label-column"))
  }

  @Test func pathsStartFromTheFolder() throws {
    let directory = try directory()
    let folder = directory.path("images")
    let (_, dataset) = try prepare(
      directory, "file,label\n0.bmp,a\n\(folder)/1.bmp,a\n.\\2.bmp,a\n", { $0.images = folder })
    #expect(pairs(dataset) == ["0.bmp: a", "1.bmp: a", "2.bmp: a"])
    for path in ["../table.csv", "/etc/hostname", "a/../../b"] {
      let message = try failureMessage {
        _ = try prepare(directory, "file,label\n\(path),a\n", { $0.images = folder })
      }
      #expect(message.contains("row 2: \(path) is outside \(folder)"), "\(message)")
    }
  }

  @Test func filesListedTwice() throws {
    let directory = try directory()
    let (report, dataset) = try prepare(
      directory, "file,label\nimages/0.bmp,a\nimages/1.bmp,b\n./images/0.bmp,a\n")
    #expect(dataset.imageCount == 2 && report.duplicates == 0)
    #expect(report.remarks.last == "rows that repeat another are left out: 1 (images/0.bmp)")
    let message = try failureMessage {
      _ = try prepare(directory, "file,label\nimages/0.bmp,a\nimages/1.bmp,b\nimages/0.bmp,b\n")
    }
    #expect(message.contains("row 4: images/0.bmp is b and, in row 2, a"), "\(message)")
  }

  /// One row of another kind is a mistake, also `NaN`.
  @Test(arguments: ["NaN", "cat"]) func numbersBesideTextsAreRefused(label: String) throws {
    let directory = try directory()
    let message = try failureMessage {
      _ = try prepare(directory, "file,label\nimages/0.bmp,0\nimages/1.bmp,1\nimages/2.bmp,\(label)\n")
    }
    #expect(
      message.contains("labels that are numbers such as \"0\" beside texts such as \"\(label)\""), "\(message)")
  }

  @Test func labelsThatDifferInCaseAreRemarkedOn() throws {
    let directory = try directory()
    let (report, dataset) = try prepare(directory, "file,label\nimages/0.bmp,cat\nimages/1.bmp,Cat\n")
    #expect(dataset.classNames == ["Cat", "cat"])
    #expect(report.remarks.last == "the labels Cat and cat differ in case alone and are classes of their own")
  }

  @Test func unclearColumnsAreRefused() throws {
    let directory = try directory()
    func message(_ text: String, _ change: (inout FileTable) -> Void = { _ in }) throws -> String {
      try failureMessage { _ = try prepare(directory, text, change) }
    }
    #expect(
      try message("file,label,class\nimages/0.bmp,a,b\n").contains(
        "label and class could be the column of the label; expected one; say which with --label-column"))
    #expect(
      try message("file,kind\nimages/0.bmp,a\n").contains(
        "no column of the label in its first line; expected one of file, kind"))
    #expect(
      try message("file,kind\nimages/0.bmp,a\n", { $0.labelColumn = "sort" }).contains(
        "no column sort in its first line"))
    #expect(try message("a,b,c,d\n1,2,3,4\n").contains("4 columns and no header line that names them (a, b, c, d)"))
    #expect(try message("file,label\nimages/0.bmp\n").contains("row 2: 1 columns; expected 2 as in the header"))
    #expect(try message("file,label\n").contains("no files in it"))
    #expect(try message("").contains("no header line"))
    let (_, dataset) = try prepare(directory, "file,kind\nimages/0.bmp,a\n", { $0.labelColumn = "Kind" })
    #expect(pairs(dataset) == ["images/0.bmp: a"])
  }

  @Test func whatIsSaidOfColumnsAndLabels() throws {
    let directory = try directory()
    let (unnamed, _) = try prepare(directory, "file,label,\nimages/0.bmp,a,7\nimages/1.bmp,b,7\n")
    #expect(unnamed.remarks == ["columns read: file (file), label (label); not read: column 3, which has no name"])
    let (spaced, dataset) = try prepare(
      directory, "images/0.bmp, emu\nimages/1.bmp,emu \nimages/2.bmp,ant\n")
    #expect(dataset.classNames == ["ant", "emu"])
    #expect(spaced.remarks.contains { $0.contains("the label emu is written in 2 ways, with spaces around it") })
    let (numbers, _) = try prepare(directory, "images/2.bmp,01\nimages/3.bmp,1\n")
    #expect(numbers.remarks.contains("the labels 01 and 1 are the same number and classes of their own"))
    let message = try failureMessage {
      _ = try prepare(directory, "images/0.bmp,emu,train\nimages/1.bmp,Emu,test\n")
    }
    #expect(
      message.contains("a class of the test set that no training image has: Emu (differing from emu in case alone)"))
  }

  /// A row of another length than the header has a field too many or too few, whose place nobody knows.
  @Test func unevenRowsAreRefused() throws {
    let directory = try directory()
    for row in ["images/1.bmp,b,train,x", "images/1.bmp,b", "images/1.bmp,b,,,"] {
      let message = try failureMessage {
        _ = try prepare(directory, "file,label,kind\nimages/0.bmp,a,train\n\(row)\n")
      }
      #expect(
        message.contains(
          "row 3: \(row.split(separator: ",", omittingEmptySubsequences: false).count) columns; expected 3"),
        "\(message)")
    }
    #expect(
      try failureMessage { _ = try prepare(directory, "images/0.bmp,a\nimages/1.bmp,b,c\n") }
        .contains("row 2: 3 columns; expected 2 as in the first line"))
    let (_, ended) = try prepare(directory, "file,label\nimages/0.bmp,a,\nimages/1.bmp,b,\n")
    #expect(ended.imageCount == 2)
  }

  @Test func namesWithoutExtensionAreFound() throws {
    let directory = try directory()
    let (report, dataset) = try prepare(directory, "id,label\n0,a\n1,b\n") {
      ($0.images, $0.fileColumn) = (directory.path("images"), "id")
    }
    #expect(pairs(dataset) == ["0.bmp: a", "1.bmp: b"])
    #expect(report.remarks.contains { $0.contains("2 files of") && $0.contains("are named without extension") })
    try directory.put(["images/0.png": bitmap(77)])
    #expect(
      try failureMessage {
        _ = try prepare(directory, "id,label\n0,a\n") {
          ($0.images, $0.fileColumn) = (directory.path("images"), "id")
        }
      }.contains("row 2: 0, which several files are: 0.bmp, 0.png"))
  }

  @Test func labelsOfFloatsAreNumbers() throws {
    let directory = try directory()
    let (report, dataset) = try prepare(directory, "file,label\nimages/0.bmp,10.0\nimages/1.bmp,2.0\n")
    #expect(dataset.classNames == ["2", "10"])
    #expect(Set(pairs(dataset)) == ["images/1.bmp: 2", "images/0.bmp: 10"])
    #expect(report.remarks.contains { $0.hasSuffix("labels such as 10.0 are whole numbers, as 10") })
    let (_, spaced) = try prepare(directory, "file,label\nimages/0.bmp,cat\nimages/1.bmp,cat\u{A0}\n")
    #expect(spaced.classNames == ["cat"])
  }
}
