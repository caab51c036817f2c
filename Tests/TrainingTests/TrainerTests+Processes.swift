import Datasets
import Distribution
import Foundation
import Kernels
import Layers
import Networks
import Optimizers
import Support
import Tensors
import TestSupport
import Testing
import Training
import Weights

/// Several processes that train one run, on threads that act as such.
extension TrainerTests {
  /// Starts a run with as many processes, or resumes the one that is there; returns what each came to.
  private static func train(
    _ configuration: Configuration, _ run: RunDirectory, processes: Int, stoppingAfter stop: Int? = nil
  ) -> [Result<RunResult?, any Error>] {
    ThreadGroup.run(processes) { processes in
      let steps = Locked(0)
      func shouldStop() -> Bool { steps.withLock { $0 == stop } && processes.rank == processes.size - 1 }
      func observe(_ event: TrainingEvent) {
        if case .step(let step, _, _, _, _) = event { steps.withLock { $0 = step } }
      }
      guard try processes.agreed({ run.hasCheckpoint }) else {
        return try Trainer.start(
          configuration, in: run, holder: "a test", processes: processes, shouldStop: shouldStop, observe: observe)
      }
      return try Trainer.resumed(run, processes: processes, observe: observe).train { _ in shouldStop() }
    }
  }

  /// Kinds of runs over which the number of processes must change nothing.
  enum ProcessCase: String, CaseIterable, Sendable {
    case fc, gap, adamw, clipped, bfloat16, normalized, features, mixup, balanced, detection

    func configuration(_ directory: borrowing TemporaryDirectory) throws -> Configuration {
      if self == .detection {
        var configuration = try DetectionTests.configuration(directory)
        (configuration.threads, configuration.data.batch, configuration.optimizer.accumulate) = (1, 6, 4)
        (configuration.epochs, configuration.logEverySteps) = (1, 1)
        return configuration
      }
      var configuration = try TrainerTests.configuration(directory, head: self == .gap ? .gap : .fc)
      (configuration.data.batch, configuration.optimizer.accumulate) = (11, 5)
      (configuration.epochs, configuration.logEverySteps) = (2, 1)
      switch self {
      case .fc, .gap, .detection: break
      case .adamw: configuration.optimizer = TrainerTests.adamw
      case .clipped: configuration.optimizer.clip = 0.05
      case .bfloat16: configuration.precision = .bfloat16
      case .normalized:
        configuration.network = NetworkDescription(
          layers: [
            .convolution("conv1", outputs: 8, kernel: 5), LayerDescription("bn1", BatchNormalizationLayer()),
            LayerDescription("relu1", ReLULayer()), .convolution("conv2", outputs: 8, kernel: 5),
            LayerDescription("bn2", BatchNormalizationLayer()), LayerDescription("pool", GlobalAveragePoolingLayer()),
            .linear("fc", outputs: nil),
          ], size: Extent(height: 28, width: 28))
      case .features:
        (configuration.data.sizes, configuration.data.evaluationSize) = ([32], 32)
        configuration.freeze = ["features.*"]
        let path = directory.path("features.h5")
        try FeatureExtraction(configuration).run(writingTo: path) { _ in }
        let batch = configuration.data.batch
        configuration.data = DataConfiguration(path: path, batch: batch)
        configuration.freeze = []
      case .mixup:
        configuration.data.sizes = [28]
        configuration.data.augment = Augmentation(mixup: 0.3)
      case .balanced: configuration.loss.classWeights = .balanced
      }
      if self == .adamw { configuration.optimizer.accumulate = 5 }
      return configuration
    }
  }

  /// Batches of 11, 11 and 2 images in five parts: weights, momentum, state, metrics and result are those of one process, also
  /// where a run goes on with other numbers of processes.
  @Test(arguments: ProcessCase.allCases.filter { $0 != .bfloat16 })
  func theNumberOfProcessesChangesNoBit(_ kind: ProcessCase) throws { try Self.requireSameBits(kind) }

  @Test(.enabled(if: Precision.bfloat16.isAvailable)) func theNumberOfProcessesChangesNoBitInBFloat16() throws {
    try Self.requireSameBits(.bfloat16)
  }

  private static func requireSameBits(_ kind: ProcessCase) throws {
    let directory = try TemporaryDirectory()
    let configuration = try kind.configuration(directory)
    let alone = RunDirectory(directory.path("alone"))
    let expected = try Self.train(configuration, alone, processes: 1)[0].get()
    #expect(expected != nil)
    for processes in 2...4 {
      let run = RunDirectory(directory.path("of\(processes)"))
      for result in Self.train(configuration, run, processes: processes) { #expect(try result.get() == expected) }
      #expect(try Self.bytes(run) == Self.bytes(alone), "\(processes) processes")
    }
    let parts = RunDirectory(directory.path("parts"))
    for (processes, stop) in [(3, 1), (1, 2), (2, 4), (4, nil)] {
      for result in Self.train(configuration, parts, processes: processes, stoppingAfter: stop) {
        switch result {
        case .success(let result): #expect(stop == nil && result == expected)
        case .failure(let error): #expect(stop != nil && error is Interruption, "\(error)")
        }
      }
    }
    #expect(try Self.bytes(parts) == Self.bytes(alone))
    #expect(try RunVerification(parts).isGood)
  }

  /// A value that is not finite is skipped, or ends all with the same message.
  @Test func aBadBatchIsOneOfAllProcesses() throws {
    let directory = try TemporaryDirectory()
    let through = try Self.frozen(directory, head: .fc)
    var configuration = Self.onFeatures(through, try Self.poisonedFeatures(directory, from: through))
    configuration.optimizer.accumulate = 3
    let alone = try #require(Self.train(configuration, RunDirectory(directory.path("a")), processes: 1)[0].failure)
    for result in Self.train(configuration, RunDirectory(directory.path("b")), processes: 3) {
      let error = try #require(result.failure as? Divergence)
      #expect("\(error)" == "\(alone)" && error.layer == "input")
    }
    configuration.onNonFinite = .skip
    let (whole, shared) = (RunDirectory(directory.path("whole")), RunDirectory(directory.path("shared")))
    _ = try Self.train(configuration, whole, processes: 1)[0].get()
    for result in Self.train(configuration, shared, processes: 3) { _ = try result.get() }
    #expect(try Self.bytes(shared) == Self.bytes(whole))
  }

  /// What does not fit is said by one process, before there is a directory.
  @Test func whatProcessesCannotTrainIsRefused() throws {
    let directory = try TemporaryDirectory()
    let good = try Self.configuration(directory)
    func problem(_ processes: Int, _ configuration: @escaping @Sendable (Int) -> Configuration) throws -> String {
      let run = RunDirectory(directory.path("bad"))
      let results = ThreadGroup.run(processes) { processes in
        try Trainer.start(configuration(processes.rank), in: run, holder: "a test", processes: processes)
      }
      #expect(!FileSystem.exists(run.path))
      let errors = results.compactMap(\.failure)
      #expect(errors.count == processes && errors.count { $0 is ElsewhereFailed } == processes - 1)
      return "\(try #require(errors.first { !($0 is ElsewhereFailed) }))"
    }
    #expect(try problem(2) { _ in good }.contains("a batch has 1 part, and 2 processes were started"))
    #expect(
      try problem(3) { rank in
        var other = good
        other.optimizer.accumulate = 3
        other.seed = rank == 2 ? 8 : 1
        return other
      }.contains("process 2 has another configuration: it has seed: 8, process 0 has seed: 1"))
    #expect(
      try problem(2) { _ in
        var other = good
        (other.optimizer.accumulate, other.onNonFinite) = (2, .rollback)
        return other
      }.contains("onNonFinite: rollback works with one process"))
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
