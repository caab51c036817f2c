import Foundation
import Kernels
import Support
import TestSupport
import Testing
import Training
import Weights

extension TrainerTests {
  /// Training in bfloat16 learns, resumes to the same bytes, and does not depend on the number of threads.
  @Test(.enabled(if: Precision.bfloat16.isAvailable)) func trainsInBFloat16() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    (configuration.precision, configuration.epochs) = (.bfloat16, 12)
    let whole = try Self.run("whole", directory, configuration)
    let result = try #require(try Trainer(configuration, run: whole).train())
    #expect(try #require(result.validation["accuracy"]) >= 0.95)
    let broken = try Self.run("broken", directory, configuration)
    #expect(throws: Interruption.self) {
      try Trainer(configuration, run: broken).train { $0 == 7 }
    }
    try Trainer(resuming: broken).train()
    #expect(try Self.bytes(broken) == Self.bytes(whole))

    var float32 = configuration
    float32.precision = .float32
    let other = try Self.run("float32", directory, float32)
    try Trainer(float32, run: other).train()
    #expect(try Data(contentsOf: URL(fileURLWithPath: other.metrics)) != Self.bytes(whole)[2])

    configuration.threads = 2
    let threads = try Self.run("threads", directory, configuration)
    try Trainer(configuration, run: threads).train()
    #expect(
      try Checkpoint(reading: threads.last).parameters == Checkpoint(reading: whole.last).parameters)
  }
}
