internal import Foundation
package import Support
package import Training

/// The page of a single run: one self-contained HTML file.
package struct RunReport {
  private let history: RunHistory
  private let options: RunReportOptions
  /// nil while there are no weights yet.
  private let measured: Measured?

  /// What depends on the weights alone.
  private struct Measured {
    /// Of the file of the weights.
    var signature: String
    var measurement: RunMeasurement
    var lead: String
    var sections: [(id: String, title: String, body: String)]
  }

  /// Reads a run, finished or not, and measures its weights, if it has any yet.
  ///
  /// - Parameters:
  ///   - previous: an earlier report with the same options; what it measured is kept where the weights are the same.
  ///   - progress: called with a dataset's path, the samples done and all of them.
  /// - Throws: `FileError`, `YAMLError` or `TrainingError` where the run or a dataset cannot be read or do not fit,
  ///   `Interruption.stoppedForGood` if a stop was requested.
  package init(
    of run: RunDirectory, _ options: RunReportOptions = RunReportOptions(), reusing previous: RunReport? = nil,
    shouldStop: () -> Bool = { false }, progress: (_ path: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) throws {
    self.options = options
    history = try RunHistory(run)
    let data = options.dataset ?? history.configuration.data.path
    guard FileSystem.exists(data) else {
      throw options.dataset == nil
        ? FileError(
          what: "there is no such file, and \(run.path) was trained on it", path: data,
          action:
            "restore it, call the command where the run was started, or measure the run on another dataset with --on",
          kind: .missing)
        : FileError.missing(data)
    }
    let weights = options.weights == .best ? run.best : run.last
    let signature = RunHistory.signature(weights)
    if let kept = previous?.measured, kept.signature == signature {
      measured = kept
    } else if signature.isEmpty {
      measured = nil
    } else {
      measured = try Self.measured(run, options, signature, shouldStop, progress)
    }
  }

  private static func measured(
    _ run: RunDirectory, _ options: RunReportOptions, _ signature: String, _ shouldStop: () -> Bool,
    _ progress: (_ path: String, _ done: Int, _ total: Int) -> Void
  ) throws -> Measured {
    let measurement = try RunMeasurement(run, options, shouldStop: shouldStop, progress: progress)
    let pictures = RunPictures(measurement: measurement)
    var sections: [(id: String, title: String, body: String)]
    let lead: String
    switch measurement.evaluation {
    case .classification(let domain):
      let page = ClassificationPage(measurement: measurement, domain: domain)
      lead = Self.lead(page.sentence, page.numbers, measurement.caveat, page.notes)
      sections = [
        ("classes", "Classes", page.classes.html + page.figures),
        ("mistakes", "Mistakes", page.mistakes),
      ]
    case .detection(let domain, let task):
      let page = DetectionPage(measurement: measurement, domain: domain, task: task)
      lead = Self.lead(page.sentence, page.numbers, measurement.caveat, page.notes)
      sections = [
        ("classes", "Average precision", (page.curves?.html(isAlone: true) ?? "") + page.classes.html + page.sizes),
        ("pictures", "Pictures", page.pictures),
      ]
    }
    sections.append(("augmentation", "Augmentation", pictures.augmentation))
    let drift: String
    do { drift = try RunDrift(measurement, layers: run.layers).figure?.html(isAlone: true) ?? "" } catch {
      drift = Markup.paragraph("Not shown: \((error as? RunMeasurement.Unavailable)?.reason ?? "\(error)")")
    }
    sections.append(("weight-drift", "Drift", drift))
    if let maps = try pictures.featureMaps() { sections.append(("feature-maps", "Feature maps", maps)) }
    return Measured(signature: signature, measurement: measurement, lead: lead, sections: sections)
  }

  private static func lead(_ sentence: String, _ numbers: String, _ caveat: String, _ notes: [String]) -> String {
    let rest = [numbers, caveat] + notes
    return "<div class=\"verdict\">\n\(Markup.paragraph(sentence))"
      + rest.map { Markup.paragraph($0, style: "practice") }.joined() + "</div>\n"
  }

  /// Whether the run has ended, so that the page will not change any more.
  package var isFinal: Bool { history.result != nil }

  /// Why nothing was measured; nil where it was.
  package var missing: String? {
    guard measured == nil else { return nil }
    let weights = options.weights.rawValue
    return history.result == nil
      ? "Nothing is measured yet: there are no \(weights) weights before the first epoch is done."
      : "Nothing is measured, as the run's \(weights) weights (\(weights).h5) are not there; it \(history.state)."
  }

  /// The page.
  ///
  /// - Parameter reloads: whether it loads itself again now and then, for a file that is rewritten while the run goes.
  package func html(reloads: Bool = false) -> String {
    let setup = RunSetup(history: history, measurement: measured?.measurement)
    let figures = RunLearning(history: history, shownEpoch: shownEpoch).figures
    let learning =
      figures.isEmpty
      ? Markup.paragraph("No epoch is done.")
      : "<div class=\"pair\">\n\(figures.map { $0.html(isAlone: true) }.joined())</div>\n"
    let lead = measured?.lead ?? "<div class=\"verdict\">\n\(Markup.paragraph(missing ?? ""))</div>\n"
    return ReportPage.html(
      title: "Run \(history.run.name)", subtitle: setup.subtitle, lead: lead,
      sections: [("setup", "Setup", setup.html), ("learning", "Learning", learning)] + (measured?.sections ?? []),
      kind: Self.kind, reloads: reloads)
  }

  private var shownEpoch: Int? {
    guard let state = measured?.measurement.state else { return nil }
    return options.weights == .best ? state.best?.epoch : state.epoch
  }

  // MARK: Files

  /// What marks a page as one of these.
  private static let kind = "bulkhead run report"

  /// Where a run's page lies unless another place is named.
  /// - Throws: `FileError` unless a run was begun in the directory.
  package static func page(of run: RunDirectory) throws(FileError) -> String {
    try RunHistory.requireRun(run)
    return run.file("report.html")
  }

  /// Whether a file is the page of a run, which a newer one may replace.
  package static func isPage(_ path: String) -> Bool {
    (try? TextFile.read(path))?.prefix(1000).contains(ReportPage.generator(kind)) ?? false
  }

  /// Writes the page in one step.
  /// - Throws: `FileError` where that fails; a file that was there is then unchanged.
  package func write(to path: String, reloads: Bool = false) throws(FileError) {
    try TextFile.write(html(reloads: reloads), to: path)
  }

  /// Writes the page again whenever the run's files change, until the run has ended or a stop is requested.
  ///
  /// - Parameters:
  ///   - pause: seconds between looks at the files.
  ///   - written: called each time.
  /// - Throws: as `init` and `write`; a stop is no error.
  package static func follow(
    _ run: RunDirectory, _ options: RunReportOptions = RunReportOptions(), to path: String, pause: Double = 1,
    shouldStop: () -> Bool, progress: (_ path: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in },
    written: (RunReport) -> Void
  ) throws {
    var latest: RunReport?
    var seen: [String]?
    while true {
      let signature = RunHistory.signature(of: run)
      if signature != seen {
        do {
          let report = try RunReport(of: run, options, reusing: latest, shouldStop: shouldStop, progress: progress)
          try report.write(to: path, reloads: !report.isFinal)
          (latest, seen) = (report, signature)
          written(report)
        } catch Interruption.stoppedForGood {
          return
        }
        if latest?.isFinal == true { return }
      }
      if shouldStop() { return }
      Thread.sleep(forTimeInterval: pause)
    }
  }
}
