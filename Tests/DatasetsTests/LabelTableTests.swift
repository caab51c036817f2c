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
}
