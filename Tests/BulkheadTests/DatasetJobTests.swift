import Bulkhead
import Foundation
import Testing

@Suite struct DatasetJobTests {
  /// The folder of the tests of importers: three images of cats and two of dogs.
  private var importFixtures: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../DatasetsTests/Fixtures/import").standardizedFileURL.path
  }

  @Test func aFolderPerClassBecomesADataset() async throws {
    try await Workspace.with { workspace in
      var preparation = DatasetPreparation(.folder("\(importFixtures)/folder"), name: "pets")
      (preparation.validation, preparation.test, preparation.license) = (.count(0), .count(1), "CC0")
      (preparation.shorterSide, preparation.channels) = (8, 3)
      let report = try await preparation.run(writingTo: workspace.file("pets.h5"))
      #expect(report.classNames == ["cat", "dog"] && report.imagesFound == 5)
      let dataset = try LabeledDataset(opening: workspace.file("pets.h5"))
      #expect(dataset.classNames == ["cat", "dog"] && dataset.name == "pets" && dataset.license == "CC0")
      #expect(dataset.count(of: .test) == 2 && dataset.countsByClass(of: .test) == [1, 1])
      #expect(report.count(of: .train) == dataset.count(of: .train))
      #expect(report.countsByClass(of: .train) == dataset.countsByClass(of: .train))
      #expect(dataset.channels == 3 && dataset.heights?.lowerBound == 8 && !dataset.holdsFeatureMaps)
      try dataset.verify()
      let names = (0..<dataset.imageCount).compactMap { dataset.fileName(ofImage: $0) }
      #expect(names.count == 4 && names.allSatisfy { ["cat", "dog"].contains($0.prefix(3)) }, "\(names)")
    }
  }

  @Test func aTableOfFilesBecomesADataset() async throws {
    try await Workspace.with { workspace in
      try workspace.write("where,what,part\ncat/a.png,cat,train\ndog/b.png,dog,train\ncat/b.png,cat,val\n", to: "t.csv")
      let source = DatasetPreparation.Source.csvFiles(
        workspace.file("t.csv"), images: "\(importFixtures)/folder",
        columns: .init(file: "where", label: "what", split: "part"))
      let report = try DatasetPreparation(source, name: "pets").run(
        writingTo: workspace.file("t.h5"), isCancelled: { false })
      #expect(report.count(of: .train) == 2 && report.count(of: .validation) == 1 && report.count(of: .test) == 0)
      #expect(try LabeledDataset(opening: workspace.file("t.h5")).fileName(ofImage: 1) == "dog/b.png")
    }
  }

  @Test func arraysTellTheirProgress() async throws {
    try await Workspace.with { workspace in
      let files = DatasetPreparation.LabeledFiles(
        images: "\(importFixtures)/images.npy", labels: "\(importFixtures)/labels64.npy")
      var seen: [Int] = []
      try DatasetPreparation(.numpy(files), name: "arrays")
        .run(writingTo: workspace.file("arrays.h5")) { done, _ in
          seen.append(done)
        } isCancelled: {
          false
        }
      #expect(seen.count > 1 && seen == seen.sorted())
      let dataset = try LabeledDataset(opening: workspace.file("arrays.h5"))
      #expect(dataset.sampleCount > 0 && dataset.sampleCount == dataset.imageCount)
    }
  }

  @Test func boxesAreSamples() async throws {
    try await Workspace.with { workspace in
      try FileManager.default.copyItem(
        atPath: "\(importFixtures)/folder/cat", toPath: workspace.file("images"))
      try workspace.write("image,x1,y1,x2,y2,label\na.png,,,,,cat\na.png,0,0,2,1,paw\nb.png,,,,,cat\n", to: "boxes.csv")
      let source = DatasetPreparation.Source.boxes(
        .csv, .init(images: workspace.file("images"), labels: workspace.file("boxes.csv")))
      var preparation = DatasetPreparation(source, name: "boxes")
      (preparation.validation, preparation.test) = (.count(0), .count(0))
      try await preparation.run(writingTo: workspace.file("boxes.h5"))
      let dataset = try LabeledDataset(opening: workspace.file("boxes.h5"))
      #expect(dataset.sampleCount == 3 && dataset.imageCount == 2)
    }
  }

  @Test func aDatasetIsShifted() async throws {
    try await Workspace.with { workspace in
      var preparation = DatasetPreparation(.folder("\(importFixtures)/folder"), name: "pets")
      (preparation.validation, preparation.test, preparation.channels) = (.count(0), .count(1), 3)
      try await preparation.run(writingTo: workspace.file("pets.h5"))
      let dataset = try LabeledDataset(opening: workspace.file("pets.h5"))
      for shift in LabeledDataset.Shift.allCases {
        let path = workspace.file("\(shift).h5")
        try dataset.writeShifted(shift, severity: 0.5, to: path)
        let shifted = try LabeledDataset(opening: path)
        #expect(shifted.countsByClass(of: .test) == dataset.countsByClass(of: .test) && shifted.storage == .samples)
        #expect(kind { () throws(BulkheadError) in try dataset.writeShifted(shift, to: path) } == .exists)
        try shifted.verify()
      }
      #expect(
        kind { () throws(BulkheadError) in
          try dataset.writeShifted(.foggy, severity: 2, to: workspace.file("x.h5"))
        } == .invalid)
      #expect(
        kind { () throws(BulkheadError) in
          try dataset.writeShifted(.foggy, to: workspace.file("x.h5"), isCancelled: { true })
        } == .cancelled)
      #expect(!FileManager.default.fileExists(atPath: workspace.file("x.h5")))
    }
  }

  @Test func mistakesHaveAKind() async throws {
    try await Workspace.with { workspace in
      #expect(kind { () throws(BulkheadError) in _ = try LabeledDataset(opening: "nowhere.h5") } == .missing)
      try workspace.write("no dataset", to: "text.h5")
      #expect(
        kind { () throws(BulkheadError) in _ = try LabeledDataset(opening: workspace.file("text.h5")) } == .invalid)
      try workspace.writeRows(to: "rows.csv")
      var preparation = DatasetPreparation(.csv(workspace.file("rows.csv"), label: .last), name: "a")
      preparation.channels = 2
      #expect(kind { () throws(BulkheadError) in try preparation.run(writingTo: workspace.file("a.h5")) } == .invalid)
      preparation.channels = nil
      #expect(kind { () throws(BulkheadError) in try preparation.run(writingTo: "/proc/nowhere/a.h5") } == .system)
      #expect(
        kind { () throws(BulkheadError) in
          try preparation.run(writingTo: workspace.file("a.h5"), isCancelled: { true })
        } == .cancelled)
      #expect(!FileManager.default.fileExists(atPath: workspace.file("a.h5")))
      try workspace.write("mine", to: "b.h5")
      #expect(kind { () throws(BulkheadError) in try preparation.run(writingTo: workspace.file("b.h5")) } == .exists)
      #expect(try String(contentsOfFile: workspace.file("b.h5"), encoding: .utf8) == "mine")
      preparation.overwrites = true
      try preparation.run(writingTo: workspace.file("b.h5"), isCancelled: { false })
      #expect(try LabeledDataset(opening: workspace.file("b.h5")).imageCount > 0)
    }
  }

  @Test func aCancelledTaskEndsItsPreparation() async throws {
    try await Workspace.with { workspace in
      try workspace.writeRows(to: "rows.csv", count: 20_000)
      let preparation = DatasetPreparation(.csv(workspace.file("rows.csv"), label: .last), name: "a")
      let task = Task { try await preparation.run(writingTo: workspace.file("a.h5")) }
      task.cancel()
      let error = await #expect(throws: BulkheadError.self) { try await task.value }
      #expect(error?.kind == .cancelled)
    }
  }
}
