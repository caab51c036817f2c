import Bulkhead
import Foundation

/// The tutorial "From folders to a verdict": `Tutorial PATH-OF-BULKHEAD`, in a folder with `photos` and `sketches`.
///
/// What lies between `snippet` and `end` stands in the tutorial's article word for word; Tests/test-examples compares both.
@main struct Tutorial {
  static func main() async throws {
    try await prepare()
    let run = try await train()
    try await resume(run)
    try await evaluate(run)
    try await study(bulkhead: CommandLine.arguments[1])
  }

  static func prepare() async throws {
    // snippet
    for domain in ["photos", "sketches"] {
      var preparation = DatasetPreparation(.folder(domain), name: domain)
      preparation.validation = .count(4)
      preparation.test = .count(8)
      let report = try await preparation.run(writingTo: "\(domain).h5")
      print("\(domain): \(report.classNames), \(report.count(of: .train)) images to train on")
    }
    // end
  }

  static func train() async throws -> TrainingRun {
    // snippet
    var configuration = TrainingConfiguration(dataset: "photos.h5")
    configuration.network = NetworkModel(.smallVGG, head: .fullyConnected(width: 32, depth: 1))
    configuration.epochs = 6
    configuration.batchSize = 8
    configuration.learningRate = 0.05

    let run = TrainingRun(directory: "runs/photos")
    try await run.start(configuration, until: 2) { progress in
      if case .epoch(let epoch, let total, let metrics) = progress {
        print("epoch \(epoch) of \(total): accuracy \(metrics["validationAccuracy"] ?? 0) on validation images")
      }
    }
    // end
    return run
  }

  static func resume(_ run: TrainingRun) async throws {
    // snippet
    if let outcome = try await run.resume() {
      print("best in epoch \(outcome.bestEpoch) of \(outcome.epochs): \(outcome.validation)")
    }
    // end
  }

  static func evaluate(_ run: TrainingRun) async throws {
    // snippet
    for evaluation in try await run.evaluate(on: ["photos.h5", "sketches.h5"]) {
      let interval = evaluation.accuracyInterval ?? 0...1
      print("\(evaluation.name): accuracy \(evaluation.accuracy), \(interval.lowerBound) to \(interval.upperBound)")
      if case .points(let points) = evaluation.drop {
        print("\(points) percentage points less than on the run's own images")
      }
    }
    // end
  }

  static func study(bulkhead: String) async throws {
    // snippet
    let text = """
      name: first
      domains:
        - {name: photos, source: photos.h5, target: photos.h5}
        - {name: sketches, target: sketches.h5}
      arms:
        - {name: fc, settings: {network: {head: {kind: fc, width: 32, depth: 1}}}}
        - {name: gap, settings: {network: {head: {kind: gap}}}}
      seeds: [1]
      learningRates: [0.05]
      search: {extensions: 0, doublings: 0}
      workers: 2
      common: {network: {preset: small-vgg}, data: {batch: 8}}
      pretraining: {epochs: 4}
      finetuning: {epochs: 4, data: {trainPerClass: 8, validationPerClass: 4}}

      """
    try text.write(toFile: "study.yaml", atomically: true, encoding: .utf8)

    let study = try TransferStudy(opening: "study.yaml", directory: "runs/first")
    let findings = try await study.run(executable: bulkhead)
    for claim in findings.claims { print("\(claim.statement): \(claim.answer)") }
    print(findings.sentence)
    print("The report: \(study.reportPage)")
    // end
  }
}
