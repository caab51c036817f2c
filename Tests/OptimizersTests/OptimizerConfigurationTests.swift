import Optimizers
import Support
import Testing

@Suite struct OptimizerConfigurationTests {
  @Test func settingsOutOfRangeAreNamed() {
    func problem(
      _ rule: OptimizerConfiguration.Rule = .sgd(SGD.Configuration()), _ change: (inout OptimizerConfiguration) -> Void
    ) -> String {
      var configuration = OptimizerConfiguration(rule)
      change(&configuration)
      return configuration.problem?.description ?? "none"
    }
    #expect(problem { _ in } == "none")
    #expect(problem { $0.learningRate = .nan }.contains("optimizer.learningRate is nan"))
    #expect(problem { $0.weightDecay = -1 }.contains("optimizer.weightDecay is -1"))
    #expect(
      problem { $0.groups = [OptimizerGroup(match: "*.bias", learningRateMultiplier: -1)] }
        .contains("optimizer.groups has learningRateMultiplier -1.0 for *.bias"))
    #expect(problem { $0.accumulate = .max }.contains("accumulate"))
    var adamw = AdamW.Configuration()
    adamw.beta2 = 1
    #expect(problem(.adamw(adamw)) { _ in } == "optimizer.beta2 is 1.0; expected 0 or more and below 1")
    (adamw.beta2, adamw.epsilon) = (0.9, 0)
    #expect(problem(.adamw(adamw)) { _ in } == "optimizer.epsilon is 0.0; expected a finite number above 0")
    for change: (inout Schedule) -> Void in [{ $0.minimum = -5 }, { $0.power = -3 }, { $0.warmup = -1 }] {
      var schedule = Schedule(kind: .cosine)
      change(&schedule)
      #expect(schedule.problem != nil)
    }
  }
}
