import Datasets
import Foundation
import Support
import TestSupport
import Testing

/// Several folders of images, of which no two may keep the same image.
@Suite struct DomainSurveyTests {
  private func source(_ name: String, _ directory: borrowing TemporaryDirectory) -> DomainSurvey.Source {
    .init(name: name, images: .folder(directory.path(name)))
  }

  private func survey(
    _ names: [String], _ directory: borrowing TemporaryDirectory, skipsUnreadable: Bool = false
  ) throws -> DomainSurvey {
    try DomainSurvey(
      names.map { source($0, directory) }, scratch: directory.path("scratch"), threads: 2,
      skipsUnreadable: skipsUnreadable
    ) { _, _, _ in }
  }

  @Test func theFirstDomainKeepsWhatSeveralHave() throws {
    let directory = try TemporaryDirectory()
    try directory.put([
      "a/x/0.bmp": bitmap(0), "a/x/1.bmp": bitmap(1), "a/y/2.bmp": bitmap(2), "a/y/copy.bmp": bitmap(2),
      "b/u/3.bmp": bitmap(3), "b/u/other.bmp": bitmap(1), "b/v/4.bmp": bitmap(4), "b/v/5.bmp": bitmap(5),
      // 4 is b's; 0 is a's, and its copy here is one of b's own.
      "c/u/6.bmp": bitmap(6), "c/u/four.bmp": bitmap(4), "c/v/0.bmp": bitmap(0), "c/v/7.bmp": bitmap(7),
      "c/v/seven.bmp": bitmap(7),
    ])
    let domains = try survey(["a", "b", "c"], directory).domains
    #expect(domains.map(\.counts) == [[2, 1], [1, 2], [1, 1]])
    #expect(domains.map(\.classNames) == [["x", "y"], ["u", "v"], ["u", "v"]])
    #expect(domains.map(\.duplicates) == [1, 0, 1])
    #expect(domains.map(\.extents.count) == [3, 3, 2])
    #expect(domains[0].shared.isEmpty && domains[0].leftOut.isEmpty)
    #expect(domains[1].shared.map(\.keeper) == ["a"] && domains[1].leftOut == [directory.path("b/u/other.bmp")])
    #expect(domains[1].shared.first?.example.there == directory.path("a/x/1.bmp"))
    #expect(domains[2].shared.map(\.keeper).sorted() == ["a", "b"])
    #expect(domains[2].leftOut == [directory.path("c/u/four.bmp"), directory.path("c/v/0.bmp")])
    // The order decides, and alone nothing is shared.
    #expect(try survey(["b", "a"], directory).domains.map(\.counts) == [[2, 2], [1, 1]])
    #expect(try survey(["b"], directory).domains[0].shared.isEmpty)
  }

  @Test func whatIsLeftOutIsInNoSplit() throws {
    let directory = try TemporaryDirectory()
    try directory.put([
      "a/x/0.bmp": bitmap(0), "a/x/1.bmp": bitmap(1), "a/y/2.bmp": bitmap(2), "a/y/3.bmp": bitmap(3),
      "b/train/x/0.bmp": bitmap(0), "b/train/x/4.bmp": bitmap(4), "b/train/y/5.bmp": bitmap(5),
      "b/test/x/6.bmp": bitmap(6), "b/test/y/3.bmp": bitmap(3),
    ])
    let domains = try survey(["a", "b"], directory).domains
    #expect(domains[1].counts == [2, 1] && domains[1].leftOut.count == 2)
    #expect(domains[1].remarks.contains { $0.hasPrefix("the splits of the source are joined") })
    var preparation = Preparation(source: domains[1].source.images, name: "b", origin: "", license: "")
    (preparation.leftOut, preparation.joinsSplits) = (domains[1].leftOut, true)
    (preparation.test, preparation.validation) = (.count(0), .count(0))
    let report = try preparation.run(writingTo: directory.path("b.h5"))
    let dataset = try Dataset(opening: directory.path("b.h5"))
    let names = (0..<dataset.imageCount).compactMap { dataset.fileName(of: $0) }
    #expect(names.sorted() == ["test/x/6.bmp", "train/x/4.bmp", "train/y/5.bmp"])
    #expect(report.counts == [.train: [2, 1], .validation: [0, 0], .test: [0, 0]])
  }

  @Test func aDatasetFileIsADomain() throws {
    let directory = try TemporaryDirectory()
    try directory.put([
      "a/x/0.bmp": bitmap(0), "a/x/1.bmp": bitmap(1), "a/y/2.bmp": bitmap(2), "a/y/3.bmp": bitmap(3),
      "b/x/1.bmp": bitmap(1), "b/x/4.bmp": bitmap(4), "b/y/5.bmp": bitmap(5),
    ])
    _ = try Preparation(source: .folder(directory.path("a")), name: "a", origin: "", license: "")
      .run(writingTo: directory.path("a.h5"))
    let file = DomainSurvey.Source(name: "file", images: .dataset(directory.path("a.h5")))
    let domains = try DomainSurvey(
      [file, source("b", directory)], scratch: directory.path("scratch"), threads: 1
    ) { _, _, _ in }.domains
    #expect(domains.map(\.counts) == [[2, 2], [1, 1]] && domains[1].leftOut == [directory.path("b/x/1.bmp")])
    #expect(domains[0].classNames == ["x", "y"])
  }

  @Test func whatCannotBeReadIsAnErrorOrListed() throws {
    let directory = try TemporaryDirectory()
    try directory.put(["a/x/0.bmp": bitmap(0), "a/y/1.bmp": bitmap(1), "a/y/2.bmp": Array("BM and no more".utf8)])
    let error = #expect(throws: FileError.self) { try survey(["a"], directory) }
    #expect(error?.message.contains("a/y/2.bmp") ?? false)
    let domains = try survey(["a"], directory, skipsUnreadable: true).domains
    #expect(domains[0].counts == [1, 1] && domains[0].skipped.count == 1)
  }
}
