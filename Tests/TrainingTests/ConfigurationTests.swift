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
      message("data: {path: a.h5}\nschedule: {kind: cosine, every: 3}").contains("schedule.every: unknown key"))
    #expect(
      message("data: {path: a.h5}\nnetwork: {head: {kind: gap, width: 3}}").contains("network.head.width: unknown key"))
  }
}
