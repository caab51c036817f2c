import Datasets
import Foundation
import Networks
import Optimizers
import Support
import TestSupport
import Testing
import Training
import Weights

/// What an evaluation, or a training on what another run left, notices.
@Suite(.serialized) struct RunEvaluatorTests {
  /// A dataset that was replaced under its name is not the run's own; named, it is another one.
  @Test func aReplacedDatasetIsNoticed() throws {
    let directory = try TemporaryDirectory()
    var configuration = try TrainerTests.configuration(directory)
    configuration.epochs = 1
    let run = try TrainerTests.run("run", directory, configuration)
    try Trainer(configuration, run: run).train()
    let evaluator = try RunEvaluator(run, weights: .best)
    #expect(try evaluator.evaluate(as: Classification.self, split: .test).domains[0].drop == .points(0))
    let path = configuration.data.path
    try FileManager.default.moveItem(atPath: path, toPath: directory.path("own.h5"))
    try TrainerTests.writeDataset(to: path, inverting: .test)
    let error = #expect(throws: TrainingError.self) { try evaluator.evaluate(as: Classification.self, split: .test) }
    #expect(error?.description.contains("is not the dataset that the run was trained on: other values in") == true)
    #expect(throws: TrainingError.self) { try evaluator.calibrated() }
    for named in [path, directory.path("own.h5")] {
      let domain = try evaluator.evaluate(as: Classification.self, on: [named], split: .test).domains[0]
      guard case .none(let reason) = domain.drop else {
        Issue.record("a drop from what the run was not trained on")
        return
      }
      #expect(reason.contains("not the dataset that the run was trained on"))
    }
    // Without its own dataset a run is evaluated on others.
    try FileManager.default.removeItem(atPath: path)
    let alone = try evaluator.evaluate(as: Classification.self, on: [directory.path("own.h5")], split: .test)
    #expect(alone.domains[0].drop == .none(reason: "the source's own test images are not available"))
  }

  /// The temperature that is best on validation images, which no other image changes.
  @Test func aTemperatureIsFittedOnValidation() throws {
    let directory = try TemporaryDirectory()
    var configuration = try TrainerTests.configuration(directory)
    (configuration.epochs, configuration.optimizer.learningRate) = (2, 0.005)
    let run = try TrainerTests.run("run", directory, configuration)
    try Trainer(configuration, run: run).train()
    let evaluator = try RunEvaluator(run, weights: .best)
    let calibrated = try evaluator.calibrated()
    func report(_ evaluator: RunEvaluator, _ split: Split) throws -> ClassificationReport {
      try evaluator.evaluate(as: Classification.self, split: split).domains[0].report
    }
    let validation = try report(calibrated, .validation)
    let calibration = try #require(validation.calibration)
    #expect(calibration.scaling.samples == 24 && calibration.before.loss == validation.loss)
    #expect(calibration.before.calibrationError == validation.calibrationError)
    #expect(try #require(calibration.after.loss) <= (validation.loss ?? 0))
    // The same temperature is shown on test images; everything else is as without it.
    let test = try report(calibrated, .test)
    #expect(test.calibration?.scaling == calibration.scaling && test.calibration?.before != calibration.before)
    let plain = try report(evaluator, .test)
    #expect(plain.calibration == nil && plain.loss == test.loss && plain.confusion == test.confusion)
    #expect(test.text.contains("fitted on 24 validation samples") && !plain.text.contains("temperature"))
    let json = try JSONFile.text(of: test)
    #expect(json.contains("\"temperature\""))
    #expect(try JSONDecoder().decode(ClassificationReport.self, from: Data(json.utf8)) == test)

    configuration.data.validationPerClass = 0
    let without = try TrainerTests.run("without", directory, configuration)
    try Trainer(configuration, run: without).train()
    #expect(throws: TrainingError.self) { try RunEvaluator(without, weights: .best).calibrated() }
  }

  /// Weights that a run made keep its classes, whatever the dataset of a configuration calls them.
  @Test func weightsOfARunNameItsClasses() throws {
    let directory = try TemporaryDirectory()
    var configuration = try TrainerTests.configuration(directory)
    configuration.epochs = 6
    let run = try TrainerTests.run("run", directory, configuration)
    try Trainer(configuration, run: run).train()
    let own = try RunEvaluator(run, weights: .best).evaluate(as: Classification.self, split: .test).domains[0].report
    // The same images with their classes in another order.
    let dataset = try Dataset(opening: configuration.data.path)
    let turned = directory.path("turned.h5")
    var header = dataset.header
    header.classNames = ["level", "slanted", "upright"]
    var writer = try DatasetWriter(path: turned, header: header)
    for index in 0..<dataset.imageCount {
      try writer.append(dataset.image(at: index), regions: [LabeledRegion(label: [2, 0, 1][dataset.label(of: index)])])
    }
    try writer.finish(
      splits: Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, dataset.samples(of: $0)) }))
    var other = configuration
    other.data.path = turned
    other.weights = WeightsConfiguration(from: run.best)
    let report = try RunEvaluator(other).evaluate(as: Classification.self, split: .test).domains[0].report
    #expect(report.correct == own.correct && report.loss == own.loss && own.accuracy > 0.5)
    #expect(report.classes.map(\.name) == header.classNames && report.outputs == dataset.classNames)
    // Loaded with its classifier, they begin with the wrong classes.
    other.weights?.use = .continuation
    let error = #expect(throws: TrainingError.self) {
      try Trainer(other, run: RunDirectory(directory.path("continued")))
    }
    #expect(error?.description.contains("in this order") == true)
    other.weights?.reinitialize = ["classifier"]
    _ = try Trainer(other, run: RunDirectory(directory.path("reinitialized")))
    other.data.path = configuration.data.path
    other.weights?.reinitialize = []
    _ = try Trainer(other, run: RunDirectory(directory.path("same")))
    // A dataset with other names under the run's path is named.
    try FileManager.default.removeItem(atPath: configuration.data.path)
    try FileManager.default.moveItem(atPath: turned, toPath: configuration.data.path)
    let resumed = #expect(throws: TrainingError.self) { try Trainer(resuming: run) }
    #expect(resumed?.description.contains("its classes are level, slanted, upright, the run's are upright") == true)
    let verification = try RunVerification(run)
    #expect(verification.findings.last?.text.contains("its classes are level, slanted, upright") == true)
  }

  /// A finished run without sound best weights is not done.
  @Test func damagedBestWeightsOfAFinishedRunAreNamed() throws {
    let directory = try TemporaryDirectory()
    var configuration = try TrainerTests.configuration(directory)
    configuration.epochs = 2
    let run = try TrainerTests.run("run", directory, configuration)
    let result = try #require(try Trainer(configuration, run: run).train())
    #expect(try Trainer(resuming: run).train() == result)
    let sound = try Data(contentsOf: URL(fileURLWithPath: run.best))
    var flipped = sound
    flipped[sound.count / 2] ^= 1
    for damaged in [flipped, sound + [0], sound.dropLast(9), Data()] {
      try damaged.write(to: URL(fileURLWithPath: run.best))
      let error = #expect(throws: TrainingError.self) { try Trainer(resuming: run) }
      #expect(error?.description.contains("best.h5") == true && error?.description.contains("is finished") == true)
      #expect(try RunVerification(run).findings.filter { !$0.isGood }.map(\.path) == [run.best])
    }
    try FileManager.default.removeItem(atPath: run.best)
    #expect(throws: TrainingError.self) { try Trainer(resuming: run) }
    // A run with epochs left may find better ones.
    try FileManager.default.removeItem(atPath: run.result)
    var warnings: [String] = []
    _ = try Trainer(resuming: run) { if case .warning(let text) = $0 { warnings.append(text) } }
    #expect(warnings.contains { $0.contains("best.h5") && $0.contains("without its best weights") })
  }

  /// Feature maps know the weights that made them.
  @Test func featureMapsOfOtherWeightsAreRefused() throws {
    let directory = try TemporaryDirectory()
    let through = try TrainerTests.frozen(directory, head: .fc)
    func weights(_ seed: UInt64) throws -> String {
      let dataset = try Dataset(opening: through.data.path)
      let network = try through.network.network(channels: dataset.channels, classes: 3)
      let path = directory.path("weights-\(seed).h5")
      try WeightsFile.write(network.initialParameters(seed: seed), to: path)
      return path
    }
    var recipe = through
    recipe.weights = WeightsConfiguration(from: try weights(1))
    let maps = directory.path("maps.h5")
    try FeatureExtraction(recipe).run(writingTo: maps) { _ in }
    var configuration = TrainerTests.onFeatures(through, maps)
    func start(_ name: String) throws -> [String] {
      var said: [String] = []
      _ = try Trainer(configuration, run: RunDirectory(directory.path(name))) {
        if case .adapted(let text) = $0 { said.append(text) }
      }
      return said
    }
    #expect(try start("scratch").contains { $0.contains("feature maps of weights-1.h5 with checksum") })
    configuration.weights = WeightsConfiguration(from: try weights(2))
    let error = #expect(throws: TrainingError.self) { try start("other") }
    #expect(error?.description.contains("weights-2.h5 holds other weights of that backbone") == true)
    configuration.weights = recipe.weights
    #expect(try start("same").contains { $0.contains("the same as in") })

    // A run on these maps is evaluated on maps of the same weights alone, whatever their file is called.
    configuration.weights = nil
    configuration.epochs = 1
    recipe.weights?.from = try weights(3)
    let run = try TrainerTests.run("run", directory, configuration)
    try Trainer(configuration, run: run).train()
    let others = directory.path("others.h5")
    try FeatureExtraction(recipe).run(writingTo: others) { _ in }
    let evaluator = try RunEvaluator(run, weights: .best)
    let refused = #expect(throws: TrainingError.self) {
      try evaluator.evaluate(as: Classification.self, on: [others], split: .test)
    }
    #expect(
      refused?.description.contains("weights-3.h5") == true && refused?.description.contains("weights-1.h5") == true)
    try FileManager.default.copyItem(atPath: weights(1), toPath: directory.path("renamed.h5"))
    recipe.weights?.from = directory.path("renamed.h5")
    let again = directory.path("again.h5")
    try FeatureExtraction(recipe).run(writingTo: again) { _ in }
    _ = try evaluator.evaluate(as: Classification.self, on: [again], split: .test)
    // Its weights do not go with maps of others, and it takes no images.
    configuration.data.path = others
    configuration.weights = WeightsConfiguration(from: run.best)
    #expect(throws: TrainingError.self) { try start("mixed") }
    try writePNG([1, 2, 3], height: 1, width: 1, channels: 3, to: directory.path("a.png"))
    for (path, part) in [(others, "weights-3.h5"), (directory.path("a.png"), "takes no images")] {
      let error = #expect(throws: TrainingError.self) {
        try ImagePredictor(evaluator).predict(ImageFiles(at: [path]), failed: { _ in }, predicted: { _ in })
      }
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
  }
}
