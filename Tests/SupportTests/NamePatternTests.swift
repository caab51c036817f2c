import Support
import Testing

@Suite struct NamePatternTests {
  @Test(arguments: [
    ("*", ""), ("*", "a.b"), ("*.bias", "head.fc6.bias"), ("head.*", "head."), ("fc?", "fc6"), ("a*b*c", "aXbbYc"),
    ("*ab", "aab"), ("exact", "exact"), ("**", "x"), ("?*", "x"), ("ü?", "üß"),
  ]) func matches(pattern: String, name: String) {
    #expect(NamePattern(pattern).matches(name))
  }

  @Test(arguments: [
    ("", "a"), ("*.bias", "bias"), ("*.bias", "head.bias.x"), ("head.*", "xhead.a"), ("fc?", "fc"), ("fc?", "fc67"),
    ("a*b*c", "acb"), ("exact", "Exact"), ("?", ""), ("features.*", "features"),
  ]) func doesNotMatch(pattern: String, name: String) {
    #expect(!NamePattern(pattern).matches(name))
  }

  /// Many stars take no exponential time.
  @Test func manyStarsAreMatchedFast() {
    let pattern = NamePattern(String(repeating: "*a", count: 50) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 500)))
  }
}
