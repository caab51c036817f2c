import Datasets
import Foundation
import TestSupport
import Testing

/// Labels of every kind.
@Suite struct LabelTableTests {
  private let repeated = ["0", "1", "2", "0", "1", "2"]

  @Test func labelsOfEveryKind() throws {
    func classes(_ labels: String) throws -> (used: [String], all: [String], remarks: [String]) {
      let (dataset, report) = try ImportKinds.imported(ImportKinds.npy("expected.npy", labels))
      return (ImportKinds.classes(of: dataset), dataset.classNames, report.remarks)
    }
    for name in ["labels.npy", "labels_float.npy", "labels_row.npy"] {
      #expect(try classes(name).used == repeated, "\(name)")
    }
    let bools = try classes("labels_bool.npy")
    #expect(bools.used == ["0", "1", "1", "0", "1", "1"] && bools.remarks.contains { $0.contains("truth values") })
    let rows = try classes("labels_onehot.npy")
    #expect(rows.used == repeated && rows.all == ["0", "1", "2", "3"])
    #expect(rows.remarks.contains { $0.contains("rows of 4 values, one of them 1") })
    #expect(rows.remarks.contains("1 of 4 classes have no images: 3"))
    let gap = try classes("labels_gap.npy")
    #expect(gap.all == ["0", "1", "2", "3", "4"] && gap.remarks.contains("2 of 5 classes have no images: 1, 3"))
  }

  @Test func textsAreClasses() throws {
    for name in ["texts", "fixed"] {
      let (dataset, report) = try ImportKinds.imported(ImportKinds.hdf5("half", name))
      #expect(ImportKinds.classes(of: dataset) == ["cat", "dog", "über", "cat", "dog", "über"])
      #expect(report.remarks.contains { $0.contains("3 classes in the order of their names") })
    }
    let (ordered, _) = try ImportKinds.imported(ImportKinds.hdf5("half", "texts"), classes: ["über", "dog", "cat"])
    #expect((0..<6).map(ordered.label) == [2, 1, 0, 2, 1, 0])
    #expect(try ImportKinds.refusal(ImportKinds.hdf5("half", "latin")).contains("text that is not UTF-8"))
  }

  @Test func whatIsNoLabel() throws {
    func message(_ labels: String, firstLabel: Int? = nil) throws -> String {
      try ImportKinds.refusal(ImportKinds.npy("expected.npy", labels, .init(firstLabel: firstLabel)))
    }
    #expect(try message("labels_notonehot.npy").contains("row 0 of labels of shape [6, 4] is not one 1 among zeros"))
    #expect(try message("labels_negative.npy").contains("label -1 at position 0; expected whole numbers from 0 on"))
    #expect(try message("labels_negative.npy").contains("--first-label=-1"))
    #expect(try message("labels_half.npy").contains("label 0.5 at position 0; expected a whole number"))
    #expect(
      try message("labels.npy", firstLabel: 1).contains("label 0 at position 0; expected whole numbers from 1 on"))
  }

  /// Classes keep the numbers of their labels as names.
  @Test func theFirstLabelIsTheFirstClass() throws {
    let (dataset, report) = try ImportKinds.imported(
      ImportKinds.npy("expected.npy", "labels_negative.npy", .init(firstLabel: -1)))
    #expect(ImportKinds.classes(of: dataset) == ["-1", "0", "1", "-1", "0", "1"])
    #expect(report.remarks.contains { $0.contains("the first class is that of label -1") })
  }

  /// Texts in NumPy's files and pickles, as `make_label_kinds.py` wrote them.
  @Test func textsOfNumPyAreClasses() throws {
    let expected = ["emü", "cat", "dog", "emü", "cat", "dog"]
    for labels in [
      "texts.npy", "texts_big.npy", "texts_column.npy", "texts_object.npy", "texts.npz:y", "texts.npz:o", "texts.pkl:y",
      "texts.pkl:a", "texts.pkl:p",
    ] {
      let (dataset, _) = try ImportKinds.imported(
        .npy(
          train: .init(images: try ImportKinds.path("expected.npy"), labels: try ImportKinds.path(labels)), test: nil,
          .init()))
      #expect(ImportKinds.classes(of: dataset) == expected, "\(labels)")
    }
    let (bytes, _) = try ImportKinds.imported(ImportKinds.npy("expected.npy", "texts_bytes.npy"))
    #expect(ImportKinds.classes(of: bytes) == ["emu", "cat", "dog", "emu", "cat", "dog"])
    #expect(
      try ImportKinds.pixels(of: ImportKinds.imported(ImportKinds.npy("texts.pkl:X", "texts.pkl:y")).dataset)
        == ImportKinds.expected())
    func message(_ images: String, _ labels: String) throws -> String {
      try ImportKinds.refusal(ImportKinds.npy(images, labels))
    }
    #expect(try message("expected.npy", "texts_latin.npy").contains("text 0 is not UTF-8"))
    #expect(try message("expected.npy", "texts_square.npy").contains("texts of shape [2, 3]; expected [N]"))
    #expect(
      try message("texts.npz:y", "texts.npz:y").contains("without an array y; expected the name of one of them: X"))
    #expect(try message("expected.npy", "texts.npz:z").contains("y [6] texts"))
  }

  @Test func anEnumerationNamesItsClasses() throws {
    let (dataset, report) = try ImportKinds.imported(ImportKinds.hdf5("images", "labels", in: "enumeration.h5"))
    #expect(ImportKinds.classes(of: dataset) == ["emu", "cat", "dog", "emu", "cat", "dog"])
    #expect(dataset.classNames == ["emu", "yak", "cat", "gnu", "dog"])
    #expect(report.remarks.contains { $0.contains("labels are of an enumeration; its 5 names are the classes") })
    #expect(
      try ImportKinds.refusal(ImportKinds.hdf5("images", "unknown", in: "enumeration.h5"))
        .contains("label 5 at position 2; expected a member of its enumeration: emu, yak, cat, gnu, dog"))
  }

  @Test func oneHotColumnsAreLabels() throws {
    for source in [
      try ImportKinds.npy("expected.npy", "labels_columns.npy"), try ImportKinds.hdf5("X", "y", in: "columns.mat"),
    ] {
      let (dataset, report) = try ImportKinds.imported(source)
      #expect(ImportKinds.classes(of: dataset) == repeated)
      #expect(try ImportKinds.pixels(of: dataset) == ImportKinds.expected())
      #expect(report.remarks.contains { $0.contains("labels of shape [3, 6] have one 1 in each column") })
    }
  }

  /// Texts that are written in several ways, as `make_number_kinds.py` wrote them.
  @Test func spacesAreNoPartOfALabel() throws {
    func found(_ source: PreparationSource) throws -> (used: [String], remarks: [String]) {
      let (dataset, report) = try ImportKinds.imported(source)
      return (ImportKinds.classes(of: dataset), report.remarks)
    }
    let texts = try found(ImportKinds.npy("expected.npy", "spellings.npz:spaced"))
    #expect(texts.used == ["cat", "cat", "dog", "dog", "cat", "dog"])
    #expect(
      texts.remarks.contains { $0.contains("the label cat is written in 3 ways, with spaces around it, taken as one") },
      "\(texts.remarks)")
    #expect(
      try found(ImportKinds.npy("expected.npy", "spellings.npz:bytes")).used
        == ["cat", "cat", "dog", "dog", "cat", "dog"])
    for name in ["fixed", "texts"] {
      let (used, remarks) = try found(ImportKinds.hdf5("images", name, in: "spellings.h5"))
      #expect(used == ["cat", "cat", "dog", "dog", "cat", "dog"], "\(name)")
      #expect(remarks.contains { $0.contains("the label dog is written in 2 ways") }, "\(remarks)")
    }
    #expect(
      try ImportKinds.refusal(ImportKinds.npy("expected.npy", "spellings.npz:blank")).contains(
        "a label without a letter"))
  }

  /// Texts are numbers only where a program wrote numbers.
  @Test func textsThatLookLikeNumbers() throws {
    func found(_ name: String) throws -> (used: [String], all: [String], remarks: [String]) {
      let (dataset, report) = try ImportKinds.imported(ImportKinds.npy("expected.npy", "spellings.npz:" + name))
      return (ImportKinds.classes(of: dataset), dataset.classNames, report.remarks)
    }
    let zeros = try found("zeros")
    #expect(zeros.used == ["01", "1", "02", "01", "1", "02"] && zeros.all == ["01", "1", "02"])
    #expect(zeros.remarks.contains("the labels 01 and 1 are the same number and classes of their own"))
    #expect(zeros.remarks.contains { $0.contains("labels are texts, as 01 is not how a number is written; 3 classes") })
    let points = try found("points")
    #expect(points.used == ["1", "1.0", "2", "1", "1.0", "2"])
    #expect(points.remarks.contains("the labels 1 and 1.0 are the same number and classes of their own"))
    #expect(try found("identifiers").used == ["1e1", "2e1", "3e0", "1e1", "2e1", "3e0"])
    for (name, first) in [("floats", "1.0"), ("savetxt", "1.000000000000000000e+00")] {
      let numbers = try found(name)
      #expect(numbers.used == ["1", "0", "2", "1", "0", "10"] && numbers.all == (0...10).map(String.init), "\(name)")
      #expect(numbers.remarks.contains { $0.hasSuffix("labels such as \(first) are whole numbers, as 1") })
    }
    #expect(
      try ImportKinds.refusal(ImportKinds.npy("expected.npy", "spellings.npz:signs")).contains("label -1 at position 0")
    )
  }

  @Test func listsOfNumbersAreLabels() throws {
    for (name, expected) in [
      ("labels_object.npy", repeated), ("lists.pkl:floats", repeated), ("lists.pkl:both", repeated),
      ("lists.pkl:bools", ["0", "1", "1", "0", "1", "1"]),
    ] {
      let (dataset, _) = try ImportKinds.imported(ImportKinds.npy("expected.npy", name))
      #expect(ImportKinds.classes(of: dataset) == expected, "\(name)")
    }
  }
}
