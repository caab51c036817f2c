import Networks
import Optimizers
import Storage
import Testing
import Training

@Suite struct ConfigurationTests {
  private let whole = """
    seed: 3
    threads: 2
    network: {preset: small-vgg, head: {kind: fc, width: 64, depth: 1, dropout: 0.25}}
    data: {path: datasets/mnist.h5, trainPerClass: 20, validationPerClass: 10, sizes: [32, 36], evaluationSize: 36, batch: 16}
    weights: {from: checkpoints/x/best.h5, leave: [classifier]}
    freeze: ["features.*"]
    optimizer:
      {convention: caffe, rate: 0.02, momentum: 0.5, nesterov: true, decay: 0.0005, clip: 2, accumulate: 2, groups: [{match: "*.bias", rate: 2, decay: 0}]}
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
    #expect(configuration.weights == WeightsConfiguration(from: "checkpoints/x/best.h5", leave: ["classifier"]))
    #expect(configuration.freeze == ["features.*"])
    #expect(configuration.optimizer.groups == [SGD.Group(match: "*.bias", rate: 2, decay: 0)])
    #expect(configuration.optimizer.clip == 2 && configuration.schedule.kind == .cosine)
    #expect(configuration.checkpoint.everyEpochs == 5)
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
    #expect(message("epochs: 3") == "c.yaml:1: data: this key is needed and missing")
    #expect(message("data: {path: a.h5, batch: 0}") == "c.yaml:1: data.batch: expected 1 to 65536 images a step")
    #expect(
      message("data: {path: a.h5}\noptimizer:\n  momentun: 0.5")
        == #"c.yaml:3: optimizer.momentun: unknown key; did you mean "momentum"?"#)
    #expect(
      message("data: {path: a.h5}\noptimizer:\n  momentum: 1.5")
        == "c.yaml:3: optimizer.momentum: is 1.5; expected 0 or more and below 1")
    #expect(
      message("data: {path: a.h5, batch: 4}\noptimizer: {accumulate: 5}")
        == "c.yaml:2: optimizer: accumulate is 5; expected at most data.batch, 4, as a part has an image or more")
    #expect(
      message("data: {path: a.h5}\nschedule: {kind: cosine, every: 3}").contains("schedule.every: unknown key"))
    #expect(
      message("data: {path: a.h5}\nnetwork: {head: {kind: gap, width: 3}}").contains("network.head.width: unknown key"))
  }
}
