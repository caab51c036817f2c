import Networks
import Optimizers
import Serialization
import Testing
import Training
import Weights

@Suite struct ConfigurationTests {
  private let whole = """
    seed: 3
    threads: 2
    network: {preset: small-vgg, head: {kind: fc, width: 64, depth: 1, dropout: 0.25}}
    data: {path: datasets/mnist.h5, trainPerClass: 20, validationPerClass: 10, sizes: [32, 36], evaluationSize: 36, batch: 16}
    weights: {from: checkpoints/x/best.h5, reinitialize: [classifier]}
    freeze: ["features.*"]
    optimizer:
      {convention: caffe, learningRate: 0.02, momentum: 0.5, nesterov: true, weightDecay: 0.0005, clip: 2, accumulate: 2, groups: [{match: "*.bias", learningRateMultiplier: 2, weightDecayMultiplier: 0}]}
    schedule: {kind: cosine, warmup: 1}
    epochs: 20
    checkpoint: {everyEpochs: 5}
    """

  private func decode(_ text: String) throws -> Configuration {
    try StrictDecoder(source: "c.yaml").decode(Configuration.self, from: text)
  }

  private func message(_ text: String) -> String {
    do {
      return "no error: \(try decode(text))"
    } catch {
      return "\(error)"
    }
  }

  @Test func everyKeyIsRead() throws {
    let configuration = try decode(whole)
    #expect(configuration.seed == 3 && configuration.threads == 2 && configuration.epochs == 20)
    #expect(configuration.network.head == .init(kind: .fc, width: 64, depth: 1, dropout: 0.25))
    #expect(configuration.data.sizes == [32, 36] && configuration.data.batch == 16)
    #expect(configuration.weights == WeightsConfiguration(from: "checkpoints/x/best.h5", reinitialize: ["classifier"]))
    #expect(configuration.freeze == ["features.*"])
    #expect(
      configuration.optimizer.groups == [
        OptimizerGroup(match: "*.bias", learningRateMultiplier: 2, weightDecayMultiplier: 0)
      ])
    guard case .sgd(let sgd) = configuration.optimizer.rule else {
      Issue.record("SGD is the default, not \(configuration.optimizer.rule)")
      return
    }
    #expect(sgd.convention == .caffe && sgd.momentum == 0.5 && sgd.nesterov)
    #expect(configuration.optimizer.learningRate == 0.02 && configuration.optimizer.weightDecay == 0.0005)
    #expect(configuration.optimizer.clip == 2 && configuration.schedule.kind == .cosine)
    #expect(configuration.checkpoint.everyEpochs == 5)
  }

  @Test func adamWIsDescribed() throws {
    let text =
      "data: {path: a.h5}\noptimizer: {kind: adamw, learningRate: 0.002, beta1: 0.8, beta2: 0.99, epsilon: 1e-6}"
    let configuration = try decode(text)
    guard case .adamw(let adamw) = configuration.optimizer.rule else {
      Issue.record("not AdamW but \(configuration.optimizer.rule)")
      return
    }
    #expect(adamw.beta1 == 0.8 && adamw.beta2 == 0.99 && adamw.epsilon == 1e-6)
    #expect(configuration.optimizer.learningRate == 0.002 && configuration.optimizer.weightDecay == 0.01)
    let written = try YAMLText.encode(configuration)
    #expect(written.contains("kind: adamw") && !written.contains("momentum"))
    #expect(try decode(written) == configuration)
    let standard = try decode("data: {path: a.h5}\noptimizer: {kind: adamw}").optimizer
    #expect(standard == OptimizerConfiguration(.adamw(AdamW.Configuration())) && standard.learningRate == 0.001)
    #expect(try decode("data: {path: a.h5}\noptimizer: {kind: sgd}").optimizer == OptimizerConfiguration())
    // What one kind lacks is null where the difference between two is written.
    #expect(try decode("data: {path: a.h5}\noptimizer: {kind: adamw, momentum: null}").optimizer == standard)
  }

  /// Keys of the other kind are no unknown keys: the message says whose they are.
  @Test func keysOfAnotherOptimizerAreRefused() {
    #expect(
      message("data: {path: a.h5}\noptimizer:\n  kind: adamw\n  momentum: 0.9")
        == "c.yaml:4: optimizer.momentum: belongs to kind sgd, and the kind is adamw")
    #expect(
      message("data: {path: a.h5}\noptimizer:\n  beta2: 0.9")
        == "c.yaml:3: optimizer.beta2: belongs to kind adamw, and the kind is sgd")
    #expect(
      message("data: {path: a.h5}\noptimizer: {kind: adamw, beta1: 1}")
        == "c.yaml:2: optimizer.beta1: is 1.0; expected 0 or more and below 1")
    #expect(message("data: {path: a.h5}\noptimizer: {kind: adam}").contains(#"did you mean "adamw"?"#))
    #expect(message("data: {path: a.h5}\noptimizer: {kind: adamw, beta: 0.9}").contains("optimizer.beta: unknown key"))
  }

  @Test func foldsAndRunsWithoutValidationAreDescribed() throws {
    let fold = try decode("data: {path: a.h5, fold: {index: 2, of: 5}}").data
    #expect(fold.fold == .init(2, of: 5) && fold.endsWithLastEpoch)
    #expect(try decode("data: {path: a.h5, validationPerClass: 0}").data.endsWithLastEpoch)
    #expect(try !decode("data: {path: a.h5, validationPerClass: 3}").data.endsWithLastEpoch)
    #expect(message("data: {path: a.h5, fold: {index: 6, of: 5}}").contains("data.fold.index: expected 1 to 5"))
    #expect(message("data: {path: a.h5, fold: {index: 1, of: 1}}").contains("data.fold.of: expected 2 to 1000 parts"))
    #expect(
      message("data: {path: a.h5, fold: {index: 1, of: 5}, validationPerClass: 3}").contains(
        "data.validationPerClass: a fold validates on training images"))
    let why = "a run of a fold or without validation ends with the weights of its last epoch"
    for data in ["fold: {index: 1, of: 5}", "validationPerClass: 0"] {
      #expect(message("data: {path: a.h5, \(data)}\npatience: 3").contains("patience: \(why)"))
      #expect(message("data: {path: a.h5, \(data)}\ncheckpoint: {keepBest: 2}").contains("checkpoint: \(why)"))
    }
  }

  @Test func weightsOfOtherLayoutsAreDescribed() throws {
    let text =
      "data: {path: a.h5}\nweights: {from: a.safetensors, layout: safetensors, flattenOrder: hwc, "
      + "rename: {fc6: classifier.0}}"
    let configuration = try decode(text)
    #expect(
      configuration.weights
        == WeightsConfiguration(
          from: "a.safetensors", layout: .safetensors, flattenOrder: .hwc, rename: ["fc6": "classifier.0"]))
    #expect(try decode(YAMLText.encode(configuration)) == configuration)
    #expect(message("data: {path: a.h5}\nweights: {from: a.h5, layout: pytorch}").contains("weights.layout"))
  }

  @Test func whatIsWrittenDecodesToTheSame() throws {
    for text in [whole, "data: {path: a.h5}", "data: {path: a.h5}\nnetwork: {head: {kind: gap}}"]
      + Schedule.Kind.allCases.map({
        "data: {path: a.h5}\nschedule: {kind: \($0.rawValue)\($0 == .multistep ? ", milestones: [3]" : "")}"
      })
    {
      let configuration = try decode(text)
      let written = try YAMLText.encode(configuration)
      #expect(try decode(written) == configuration)
      #expect(try YAMLText.encode(decode(written)) == written)
    }
  }

  @Test func wrongValuesAreNamed() {
    #expect(message("epochs: 3") == "c.yaml:1: data: this required key is missing")
    #expect(message("data: {path: a.h5, batch: 0}") == "c.yaml:1: data.batch: expected 1 to 65536 images per step")
    #expect(
      message("data: {path: a.h5}\noptimizer:\n  momentun: 0.5")
        == #"c.yaml:3: optimizer.momentun: unknown key; did you mean "momentum"?"#)
    #expect(
      message("data: {path: a.h5}\noptimizer:\n  momentum: 1.5")
        == "c.yaml:3: optimizer.momentum: is 1.5; expected 0 or more and below 1")
    #expect(
      message("data: {path: a.h5, batch: 4}\noptimizer: {accumulate: 5}")
        == "c.yaml:2: optimizer: accumulate is 5; expected at most data.batch, 4, so that every part has an image")
    #expect(
      message("data: {path: a.h5}\nschedule: {kind: cosine, every: 3}")
        == "c.yaml:2: schedule.every: belongs to kind step, and the kind is cosine")
    #expect(
      message("data: {path: a.h5}\nschedule: {factor: 3}").contains(
        "schedule.factor: belongs to kind step, multistep, exponential, and the kind is constant"))
    #expect(message("data: {path: a.h5}\nschedule: {kind: cosine, ever: 3}").contains("schedule.ever: unknown key"))
    #expect(
      message("data: {path: a.h5}\nschedule: {kind: step, every: 0}").contains("schedule.every: is 0.0; expected"))
    #expect(message("data: {path: a.h5}\nfreeze: [head]").contains("; the head is hidden and classifier"))
    #expect(
      message("data: {path: a.h5}\nnetwork: {head: {kind: gap, width: 3}}").contains("network.head.width: unknown key"))
  }

  /// Former names and those of other tools are answered with the key, wherever it belongs.
  @Test(arguments: [
    ("data: {path: a.h5, pixels: unit}", "data.pixels", "inputNormalization"),
    ("data: {path: a.h5}\noptimizer: {rate: 0.1}", "optimizer.rate", "learningRate"),
    (
      "data: {path: a.h5}\noptimizer: {groups: [{match: a, decay: 0}]}", "optimizer.groups[0].decay",
      "weightDecayMultiplier"
    ),
    ("data: {path: a.h5}\nweights: {from: b.h5, leave: [a]}", "weights.leave", "reinitialize"),
    (
      "data: {path: a.h5}\nnetwork: {head: {kind: gap, unitLength: true}}", "network.head.unitLength", "l2Normalization"
    ),
    ("data: {path: a.h5}\nclassWeights: balanced", "classWeights", "loss.classWeights"),
    ("data: {path: a.h5}\ntensorboard: true", "tensorboard", "tensorBoard"),
  ]) func formerNamesAreAnswered(_ place: (text: String, path: String, key: String)) {
    #expect(
      message(place.text).contains("\(place.path): unknown key; did you mean \"\(place.key)\"?"),
      "\(message(place.text))")
  }

  @Test func lossSamplingAndSelectionAreDescribed() throws {
    let text = """
      data: {path: a.h5, sampling: balanced, augment: {mixup: 0.2}}
      loss: {classWeights: {cat: 1, "the dog": 2.5}, labelSmoothing: 0.1}
      select: macroF1
      tensorBoard: True
      epochs: 6
      extensions: [{afterStep: 20, epochs: 4}]
      """
    let configuration = try decode(text)
    #expect(configuration.data.sampling == .balanced && configuration.data.augment == Augmentation(mixup: 0.2))
    #expect(
      configuration.loss == LossConfiguration(classWeights: .byName(["cat": 1, "the dog": 2.5]), labelSmoothing: 0.1))
    #expect(configuration.select == .macroF1 && configuration.tensorBoard)
    #expect(configuration.metrics.map(\.name) == ["macroF1", "accuracy", "loss", "balancedAccuracy"])
    #expect(configuration.extensions == [RunExtension(afterStep: 20, epochs: 4)])
    let written = try YAMLText.encode(configuration)
    #expect(try decode(written) == configuration && YAMLText.encode(decode(written)) == written)
    let balanced = try decode("data: {path: a.h5}\nloss: {classWeights: balanced}")
    #expect(balanced.loss.classWeights == .balanced)
    #expect(try decode(YAMLText.encode(balanced)) == balanced)
    #expect(try decode("data: {path: a.h5}").metrics.first?.name == "accuracy")

    let data = "data: {path: a.h5}\n"
    for (text, problem) in [
      ("loss: {classWeights: even}", "loss.classWeights: expected balanced, or a weight for every class"),
      ("loss: {classWeights: {cat: 0}}", "loss.classWeights.cat: expected a weight above 0"),
      ("loss: {classWeights: {cat: much}}", "loss.classWeights.cat: expected a number"),
      ("loss: {labelSmoothing: 1}", "loss.labelSmoothing: expected 0 or more and below 1"),
      ("select: f1", "select: expected one of accuracy, balancedAccuracy, macroF1, loss"),
      ("extensions: [{afterStep: 5, epochs: 10}]", "extensions: expected steps in order"),
      ("extensions: [{afterStep: -1, epochs: 1}]", "extensions[0].afterStep: expected 0 or more"),
    ] {
      #expect(message(data + text).contains(problem), "\(message(data + text))")
    }
    #expect(message("data: {path: a.h5, sampling: even}").contains("data.sampling: expected one of shuffled, balanced"))
    #expect(
      message("data: {path: a.h5, augment: {mixup: 0}}").contains("data.augment.mixup: expected α of 0.001 to 100"))
    #expect(
      message("data: {path: a.h5, sampling: balanced}\nloss: {classWeights: balanced}").contains(
        "each balance the classes alone"))
  }
}
