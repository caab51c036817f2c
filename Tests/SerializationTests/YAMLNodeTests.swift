import Serialization
import Testing

@Suite struct YAMLNodeTests {
  @Test func overridesGoThroughTheSameChecks() throws {
    func overridden(_ assignments: String...) -> String {
      do {
        var node = try YAMLNode(parsing: "rate: 1\ngroups: [{match: a}]\nclip: null", source: "r.yaml")
        for assignment in assignments { try node.set(assignment) }
        return "\(try StrictDecoder(source: "r.yaml").decode(Recipe.self, from: node))"
      } catch {
        return "\(error)"
      }
    }
    #expect(overridden("rate=0.5", "groups[0].rate=3").contains("rate: 0.5"))
    #expect(overridden("groups.0.rate=3").contains("rate: 3.0"))
    #expect(overridden("sizes=[4, 5]").contains("sizes: [4, 5]"))
    #expect(overridden("flavor=caffe") == #"--set flavor=caffe: flavor: unknown key; did you mean "flavour"?"#)
    #expect(overridden("rate=fast") == #"--set rate=fast: rate: expected a number, found "fast""#)
    #expect(overridden("rate.deep=1") == #"--set rate.deep=1: rate.deep: rate is "1" and has no keys"#)
    #expect(overridden("groups[4].rate=1") == "--set groups[4].rate=1: groups.4: expected a list index in 0 ..< 1")
    for malformed in ["rate", "rate]=1", "groups[0=1", "groups[]=1", ".rate=1", "=1"] {
      #expect(overridden(malformed) == "--set \(malformed): expected key.path=value")
    }
    #expect(overridden("rate=") == "--set rate=: expected a value; use null for none")
  }

  /// A value has no comments: what follows a # belongs to it, as the shell handed it over.
  @Test func aValueIsNoComment() throws {
    func value(_ assignment: String) throws -> YAMLNode? {
      var node = YAMLNode(.mapping([]))
      try node.set(assignment)
      return node["name"]
    }
    for (assignment, expected) in [
      ("name=a #1", "a #1"), ("name=#1", "#1"), ("name=a#1", "a#1"), ("name=\"a #1\"", "a #1"),
      ("name='# '", "# "),
    ] {
      guard case .scalar(let text, isPlain: _)? = try value(assignment)?.content else {
        Issue.record("\(assignment) is no text")
        continue
      }
      #expect(text == expected, "\(assignment)")
    }
    guard case .sequence(let values)? = try value("name=[a #1, b, \"#\"]")?.content else {
      Issue.record("no list")
      return
    }
    #expect(
      values.map(\.content) == [
        .scalar("a #1", isPlain: true), .scalar("b", isPlain: true), .scalar("#", isPlain: false),
      ])
    #expect(try value("name={\"a #\": 1}")?["a #"]?.content == .scalar("1", isPlain: true))
    // A character that stands for # inside is not taken for one that was there.
    #expect(try value("name=\u{E000} #")?.content == .scalar("\u{E000} #", isPlain: true))
  }
}
