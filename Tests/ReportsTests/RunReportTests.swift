import Datasets
import Foundation
import Images
import Reports
import Support
import Tensors
import TestSupport
import Testing
import Training

@Suite struct RunReportTests {
  /// The picture that an address of the page holds.
  private func image(_ source: String) throws -> Image {
    let prefix = "data:image/png;base64,"
    try #require(source.hasPrefix(prefix))
    let data = try #require(Data(base64Encoded: String(source.dropFirst(prefix.count))))
    return try Image(decoding: Array(data), name: "embedded")
  }

  /// The page's numbers are those of `evaluate --split validation --json`, and of the log.
  @Test func numbersAreThoseOfTheEvaluation() throws {
    let directory = try TemporaryDirectory()
    let trained = try TrainedRun(directory)
    let (text, page) = try trained.report()
    // As other programs read them.
    let json = try JSONFile.text(of: trained.evaluation())
    let domain = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let report = try #require(domain["report"] as? [String: Any])
    let (accuracy, samples) = (try #require(report["accuracy"] as? Double), try #require(report["samples"] as? Int))
    #expect(samples == 24 && (0.01..<1).contains(accuracy), "\(accuracy): some of the samples must be mistakes")
    #expect(page.text.contains("Accuracy \((100 * accuracy).formatted(digits: 1))\u{A0}% on the 24 validation samples"))
    let interval = try #require(report["accuracyInterval"] as? [String: Double])
    #expect(
      page.text.contains(
        "95 % interval \((100 * interval["lower"]!).formatted(digits: 1)) to \((100 * interval["upper"]!).formatted(digits: 1)) %"
      ))
    let error = try #require(report["calibrationError"] as? Double)
    #expect(page.text.contains("calibration error \((100 * error).formatted(digits: 1)) percentage points"))
    #expect(page.text.contains("Expected calibration error \((100 * error).formatted(digits: 1)) percentage points"))
    for one in try #require(report["classes"] as? [[String: Any]]) {
      let (name, right) = (try #require(one["name"] as? String), try #require(one["correct"] as? Int))
      let ends = try #require(one["accuracyInterval"] as? [String: Double])
      let escaped = name.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
      let row =
        "<tr><td class=\"text\">\(escaped)</td><td>8</td><td>\(right)</td><td>"
        + "\((100 * Double(right) / 8).formatted(digits: 1))</td><td>\((100 * ends["lower"]!).formatted(digits: 1)) to "
        + "\((100 * ends["upper"]!).formatted(digits: 1)) %</td>"
      #expect(text.contains(row), "\(name)")
    }
    let confusion = try #require(report["confusion"] as? [[Int]])
    let cells = try #require(page.figures.first { $0.name == "confusion" }).marks.map(\.tip)
    var wanted: [String] = []
    for (row, counts) in confusion.enumerated() {
      for (column, count) in counts.enumerated() where count > 0 {
        wanted.append(
          "\(TrainedRun.classes[row]) predicted as \(TrainedRun.classes[column]): \(count) of 8, "
            + "\((100 * Double(count) / 8).formatted(digits: 1)) %")
      }
    }
    #expect(cells == wanted)
    let bins = try #require(report["reliability"] as? [[String: Any]]).filter { $0["samples"] as? Int != 0 }
    let marks = try #require(page.figures.first { $0.name == "reliability" }).marks.map(\.tip)
    #expect(marks.count == bins.count + 2)
    for (mark, bin) in zip(marks, bins) {
      let (confidence, share) = (try #require(bin["confidence"] as? Double), try #require(bin["accuracy"] as? Double))
      #expect(
        mark
          == "this network: \(bin["samples"] as? Int ?? 0) samples\nmean confidence \(confidence.formatted(digits: 3))\n"
          + "accuracy \(share.formatted(digits: 2))")
    }
    // Every epoch of the log, and the one whose weights are shown.
    let log = try MetricsLog.records(in: trained.run.metrics)
    let losses = try #require(page.figures.first { $0.name == "loss" }).marks.map(\.tip)
    #expect(log.count == 3 && losses.count == 6)
    for (index, record) in log.enumerated() {
      let value = try #require(record.values["validationLoss"])
      #expect(losses[3 + index].hasSuffix("epoch \(index + 1)\nloss \(value.formatted(digits: 4))"), "\(losses)")
    }
    let best = try #require(try trained.run.loadResult()).bestEpoch
    #expect(page.text.contains("the best weights, of epoch \(best), chosen by validation accuracy"))
    #expect(losses.filter { $0.contains("shown here") }.allSatisfy { $0.contains("epoch \(best)\n") })
  }

  /// Mistakes are the samples that are wrong, in their order, with the dataset's own pixels.
  @Test func picturesAreTheRightOnes() throws {
    let directory = try TemporaryDirectory()
    let trained = try TrainedRun(directory)
    let (_, page) = try trained.report()
    let predictions = try trained.evaluation().predictions
    let dataset = try Dataset(opening: trained.data)
    let wrong = predictions.filter { !$0.isCorrect }
    try #require(!wrong.isEmpty && wrong.count < predictions.count)
    let sure = wrong.sorted { ($1.probability!, $0.sample) < ($0.probability!, $1.sample) }.prefix(12)
    let left = wrong.filter { one in !sure.contains { $0.sample == one.sample } }
    let worst = left.sorted { ($0.labelProbability!, $0.sample) < ($1.labelProbability!, $1.sample) }.prefix(12)
    let shown = page.images.filter { $0.alternative.hasPrefix("Picture of ") }
    #expect(shown.count == sure.count + worst.count)
    for (one, prediction) in zip(shown, sure + worst) {
      #expect(try image(one.source) == dataset.image(at: prediction.image), "\(prediction)")
      #expect(one.alternative == "Picture of \(prediction.label), \(TrainedRun.file(.validation, prediction.image))")
      #expect(page.text.contains("predicted: \(prediction.predicted!), "))
    }
    // A sample's two shares: of a wrong one its own class got less, of a right one the same.
    for prediction in predictions {
      let (own, found) = (prediction.labelProbability!, prediction.probability!)
      #expect(prediction.isCorrect ? own == found : own <= found && own + found <= 1 + 1e-12)
    }
    // Each rendition is the picture or its mirror image.
    let training = try dataset.image(at: dataset.imageIndex(of: dataset.samples(of: .train)[0]))
    let mirrored = Image(
      height: 16, width: 16, channels: 1, pixels: (0..<256).map { training.pixels[$0 / 16 * 16 + 15 - $0 % 16] })
    let renditions = try page.images.filter { $0.alternative.contains(" as epoch ") }.map { try image($0.source) }
    #expect(renditions.count == 7 && renditions.allSatisfy { [training, mirrored].contains($0) })
    #expect(Set(renditions.map(\.pixels)).count == 2, "both occur in seven epochs of this seed")
  }

  /// Names are text, whatever is in them; the page needs nothing else.
  @Test func namesAreNoMarkup() throws {
    let directory = try TemporaryDirectory()
    let trained = try TrainedRun(directory)
    let (text, page) = try trained.report { $0.picture = 30 }
    for reference in ["http:", "https:", "<link", "url(", "@import", "<script>alert", "<img src=x", "<i>stripes"] {
      #expect(!text.contains(reference), "\(reference)")
    }
    #expect(page.images.allSatisfy { $0.source.hasPrefix("data:image/png;base64,") } && page.images.count > 20)
    #expect(page.text.contains("<script>alert(1)</script>") && page.text.contains("<img src=x onerror='30'>"))
    #expect(page.text.contains("<i>stripes</i>") && !page.elements.contains("i"))
    #expect(Set(page.ids).count == page.ids.count)
    let fragments = page.links.filter { $0.hasPrefix("#") && !$0.hasPrefix("#s") }.map { String($0.dropFirst()) }
    #expect(fragments.contains("feature-maps") && fragments.allSatisfy(page.ids.contains), "\(fragments)")
    #expect(page.links.allSatisfy { $0.hasPrefix("#") })
  }

  /// Test images are read only where they are asked for.
  @Test func testImagesAreLeftAlone() throws {
    let directory = try TemporaryDirectory()
    let trained = try TrainedRun(directory)
    let names = (48..<60).map { TrainedRun.file(.test, $0) }
    let (_, validation) = try trained.report()
    #expect(validation.text.contains("the test images were not looked at"))
    #expect(!names.contains { name in validation.images.contains { $0.alternative.contains(name) } })
    #expect(!names.contains(where: validation.text.contains))
    let (_, test) = try trained.report { $0.split = .test }
    #expect(test.text.contains("These are test images: nothing may be chosen by these numbers"))
    #expect(names.contains(where: test.text.contains))
  }

  @Test func aRunThatIsNotFinishedHasAPage() throws {
    let directory = try TemporaryDirectory()
    let begun = try TrainedRun(directory, until: 0)
    let (_, empty) = try begun.report()
    #expect(empty.text.contains("Nothing is measured yet: there are no best weights") && empty.figures.isEmpty)
    #expect(empty.text.contains("not finished: 0 of 3 epochs so far"))
    let other = try TemporaryDirectory()
    let trained = try TrainedRun(other, until: 2)
    let report = try RunReport(of: trained.run)
    #expect(!report.isFinal && report.missing == nil)
    let page = try ReportedPage(report.html(reloads: true))
    #expect(page.text.contains("not finished: 2 of 3 epochs so far") && page.ids.contains("follow"))
    #expect(page.figures.first { $0.name == "loss" }?.marks.count == 4)
    #expect(try !ReportedPage(report.html()).ids.contains("follow"))
    // Weights that were removed after the end leave the curves.
    try FileManager.default.removeItem(atPath: trained.run.best)
    _ = try Trainer(resuming: trained.run, observe: { _ in }).train()
    try? FileManager.default.removeItem(atPath: trained.run.best)
    let (_, gone) = try trained.report()
    #expect(gone.text.contains("(best.h5) are not there; it finished after 3 epochs"))
    #expect(gone.figures.map(\.name) == ["loss", "metrics", "learning-rate"])
  }

  /// One error names the dataset that is gone; another one can be measured on, and what needs the first is said to be missing.
  @Test func aDatasetThatIsGone() throws {
    let directory = try TemporaryDirectory()
    let trained = try TrainedRun(directory)
    let other = directory.path("other.h5")
    try TrainedRun.writeDataset(to: other, seed: 8)
    try FileManager.default.removeItem(atPath: trained.data)
    let error = #expect(throws: FileError.self) { try RunReport(of: trained.run) }
    #expect(error?.kind == .missing)
    #expect(
      error?.message.hasPrefix("\(trained.data): there is no such file, and \(trained.run.path) was trained") == true)
    let (_, page) = try trained.report { $0.dataset = other }
    #expect(page.text.contains("validation images of another dataset than the run was trained on"))
    #expect(page.text.contains("Not shown: \(trained.data): cannot open it"))
    #expect(page.text.contains("No drop from the run's own images") && !page.figures.contains { $0.name == "drift" })
    let nowhere = RunDirectory(directory.path("nowhere"))
    let none = #expect(throws: FileError.self) { try RunReport(of: nowhere) }
    #expect(none?.message.contains("there is no run here") == true)
    let absent = directory.path("none.h5")
    #expect(throws: FileError.self) { try trained.report { $0.dataset = absent } }
    // A picture that the dataset does not have.
    let beyond = #expect(throws: TrainingError.self) {
      try trained.report {
        $0.dataset = other
        $0.picture = 60
      }
    }
    #expect(beyond?.description.contains("it has 60 images, expected a picture of 0 to 59, not 60") == true)
  }

  /// ‖w − w₀‖ / ‖w₀‖ of every layer, by a loop of its own over both files' values.
  @Test func driftIsMeasuredFromTheInitialWeights() throws {
    let directory = try TemporaryDirectory()
    let first = try TrainedRun(directory, ["epochs=1"])
    let before = try RunEvaluator(first.run, weights: .best).evaluator.parameters
    let kept = directory.path("first.h5")
    try FileManager.default.moveItem(atPath: first.run.best, toPath: kept)
    try FileManager.default.removeItem(atPath: first.run.path)
    let tuned = try TrainedRun(
      directory, ["weights={from: '\(kept)', use: continuation}", "freeze=[features.conv1_1*]"])
    let (_, page) = try tuned.report()
    let marks = try #require(page.figures.first { $0.name == "drift" }).marks.map(\.tip)
    let after = try RunEvaluator(tuned.run, weights: .best).evaluator.parameters
    var wanted: [String] = []
    for (name, tensor) in after where name.hasSuffix(".weight") {
      let old = try #require(before[name]).values
      let change = zip(tensor.values, old).reduce(0.0) {
        $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
      }
      let norm = old.reduce(0.0) { $0 + Double($1) * Double($1) }
      let layer = String(name.dropLast(".weight".count))
      wanted.append("loaded weights: \(layer)\n‖w − w₀‖ / ‖w₀‖ \((change / norm).squareRoot().formatted(digits: 4))")
    }
    #expect(marks == wanted && marks.count > 4)
    #expect(marks[0] == "loaded weights: features.conv1_1\n‖w − w₀‖ / ‖w₀‖ 0.0000")
    #expect(marks.dropFirst().allSatisfy { !$0.hasSuffix(" 0.0000") })
    #expect(page.text.contains(kept))
  }

  /// The page is written whenever the run has come further, and for the last time at its end.
  @Test func aRunIsFollowedToItsEnd() throws {
    let directory = try TemporaryDirectory()
    let trained = try TrainedRun(directory, until: 1)
    let path = try RunReport.page(of: trained.run)
    #expect(!RunReport.isPage(path))
    var states: [Bool] = []
    try RunReport.follow(trained.run, to: path, pause: 0.01, shouldStop: { false }) { report in
      states.append(report.isFinal)
      #expect(RunReport.isPage(path))
      // The run goes on between two looks.
      if states.count < 3 {
        _ = try? Trainer(resuming: trained.run, observe: { _ in }).train(until: states.count + 1)
      }
    }
    #expect(states == [false, false, true])
    let text = try TextFile.read(path)
    #expect(text.contains("finished after 3 epochs") && !text.contains("id=\"follow\""))
    #expect(try ReportedPage(text).figures.first { $0.name == "loss" }?.marks.count == 6)
    // A stop ends it after what is written.
    var writes = 0
    let begun = try TemporaryDirectory()
    let other = try TrainedRun(begun, until: 1)
    let place = try RunReport.page(of: other.run)
    try RunReport.follow(other.run, to: place, pause: 0.01, shouldStop: { writes > 0 }) { _ in writes += 1 }
    #expect(writes == 1 && RunReport.isPage(place))
  }
}
