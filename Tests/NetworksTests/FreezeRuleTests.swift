import Layers
import Networks
import Testing

@Suite struct FreezeRuleTests {
  @Test func rulesFreezeRolesAndNames() throws {
    let network = try NetworkDescription(head: .init(kind: .fc, width: 8)).network(channels: 1, classes: 3)
    let all = network.parameters.filter(\.isTrained).map(\.name)
    func trained(_ rules: FreezeRule...) -> [String] {
      let trained = network.trainedParameters(freezing: rules)
      return all.filter(trained.contains)
    }
    #expect(trained() == all)
    #expect(trained("backbone") == all.filter { $0.hasPrefix("head.") })
    #expect(trained("backbone", "hidden") == ["head.classifier.weight", "head.classifier.bias"])
    #expect(trained("backbone", "hidden", "classifier").isEmpty)
    #expect(
      trained("classifier", "features.conv*") == all.filter { $0.hasPrefix("features.norm") || $0.contains(".fc") })
    #expect(FreezeRule(word: "backbones") == nil && FreezeRule(word: "hidden.*")?.pattern != nil)
    #expect(FreezeRule(word: "hidden") == .role(.hidden) && FreezeRule(word: "*")?.description == "*")
  }
}
