import Serialization
import Support
import Testing

private enum Flavour: String, Codable, CaseIterable { case torch, caffe }

private struct Group: Codable, Equatable {
  var match: String
  var rate: Float

  init(match: String, rate: Float) { (self.match, self.rate) = (match, rate) }
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    match = try container.decode(String.self, forKey: .match)
    rate = try container.decode(.rate, or: 1)
    try container.require(rate >= 0, .rate, "expected a rate from 0")
  }
}

private struct Recipe: Codable, Equatable {
  var rate: Float
  var flavour: Flavour
  var clip: Double?
  var sizes: [Int]
  var groups: [Group]

  init(rate: Float, flavour: Flavour = .torch, clip: Double? = nil, sizes: [Int] = [], groups: [Group] = []) {
    (self.rate, self.flavour, self.clip, self.sizes, self.groups) = (rate, flavour, clip, sizes, groups)
  }
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    rate = try container.decode(Float.self, forKey: .rate)
    flavour = try container.decode(.flavour, or: .torch)
    clip = try container.decodeIfPresent(Double.self, forKey: .clip)
    sizes = try container.decode(.sizes, or: [])
    groups = try container.decode(.groups, or: [])
  }
}

@Suite struct StrictDecoderTests {
  private func decode(_ text: String) throws -> Recipe {
    try StrictDecoder(source: "r.yaml").decode(Recipe.self, from: text)
  }

  private func message(_ text: String) -> String {
    do {
      return "no error: \(try decode(text))"
    } catch {
      return "\(error)"
    }
  }

  @Test func valuesAndDefaults() throws {
    let text = "rate: 1e-2\nclip: null\nsizes: [1, 2_0]\ngroups:\n  - {match: \"*.bias\", rate: 2}\n  - match: \"1\"\n"
    #expect(
      try decode(text)
        == Recipe(rate: 0.01, sizes: [1, 20], groups: [Group(match: "*.bias", rate: 2), Group(match: "1", rate: 1)]))
  }

  @Test func everyErrorNamesLinePathAndWhatWasFound() {
    #expect(message("rate: 1\nsises: [3]\n") == #"r.yaml:2: sises: unknown key; did you mean "sizes"?"#)
    #expect(
      message("rate: 1\nzebra: 2") == "r.yaml:2: zebra: unknown key; known here: clip, flavour, groups, rate, sizes")
    #expect(
      message("rate: 1\ngroups:\n- match: a\n  rat: 2\n")
        == #"r.yaml:4: groups[0].rat: unknown key; did you mean "rate"?"#)
    #expect(message("\nrate: fast") == #"r.yaml:2: rate: expected a number, found "fast""#)
    #expect(message("rate: .inf") == #"r.yaml:1: rate: expected a number, found ".inf""#)
    #expect(message("rate: 0x10") == #"r.yaml:1: rate: expected a number, found "0x10""#)
    #expect(message("rate: \"1\"") == #"r.yaml:1: rate: expected a number, found "1""#)
    #expect(message("rate: 1\nsizes: [1,\n 2.5]") == #"r.yaml:3: sizes[1]: expected a whole number, found "2.5""#)
    #expect(message("rate: 1\nsizes: {a: 1}") == "r.yaml:2: sizes: expected a list, found a mapping")
    #expect(
      message("rate: 1\ngroups: [{match: a, rate: -1}]") == "r.yaml:2: groups[0].rate: expected a rate from 0")
    #expect(
      message("rate: 1\nflavour: cafe")
        == #"r.yaml:2: flavour: expected one of torch, caffe, found "cafe"; did you mean "caffe"?"#)
    #expect(message("clip: 1") == "r.yaml:1: rate: this required key is missing")
    #expect(message("clip: 1\nrte: 1") == #"r.yaml:2: rte: unknown key; did you mean "rate"?"#)
    #expect(message("") == "r.yaml:1: expected a mapping, found nothing")
    #expect(message("rate: 1\nrate: 2") == "r.yaml:1: duplicate key rate")
  }

  @Test func malformedAndHostileTexts() {
    #expect(message("rate: [1").hasPrefix("r.yaml:"))
    #expect(message("rate: *nobody").contains("undefined alias"))
    #expect(message(String(repeating: "[", count: 500) + String(repeating: "]", count: 500)).contains("nested deeper"))
    var bomb = "a0: &a0 [x, x]\n"
    for level in 1...20 { bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    #expect(message(bomb).contains("aliases"))
    var wide = "a0: &a0 [\(Array(repeating: "x", count: 4000).joined(separator: ","))]\n"
    wide += "b: [\(Array(repeating: "*a0", count: 12).joined(separator: ","))]\n"
    #expect(message(wide).contains("more than 20000 values"))
    #expect(message("rate: 1\nsizes: &s [1, 2]\nclip: 3").contains("Recipe(rate: 1.0"))
  }

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

  @Test func whatIsWrittenDecodesToTheSame() throws {
    let recipe = Recipe(
      rate: 0.1, flavour: .caffe, clip: 1.0 / 3, sizes: [32, 36],
      groups: [
        Group(match: "*.bias", rate: 16_777_216), Group(match: "true", rate: 1e-30),
        Group(match: "a: \"b\"\n#", rate: 0),
      ])
    let text = try YAMLText.encode(recipe)
    #expect(try decode(text) == recipe)
    #expect(
      text.hasPrefix(
        "rate: 0.1\nflavour: caffe\nclip: 0.3333333333333333\nsizes: [32, 36]\ngroups:\n- match: \"*.bias\"\n"))
    #expect(throws: EncodingError.self) { try YAMLText.encode(Recipe(rate: .nan)) }
  }

  @Test func whatDiffersIsWrittenAlone() throws {
    let (base, groups) = (Recipe(rate: 0.1, clip: 2, sizes: [32]), [Group(match: "a", rate: 1)])
    #expect(try YAMLText.encode(base, differingFrom: base) == "{}\n")
    let other = Recipe(rate: 0.2, clip: nil, sizes: [32], groups: groups)
    #expect(
      try YAMLText.encode(other, differingFrom: base) == "rate: 0.2\ngroups:\n- match: a\n  rate: 1.0\nclip: null\n")
  }

  @Test func editDistances() {
    #expect(editDistance("rate", "rate") == 0)
    #expect(editDistance("rate", "Rtae") == 1)
    #expect(editDistance("", "abc") == 3)
    #expect(editDistance("kitten", "sitting") == 3)
    #expect(nearest(to: "momentun", among: ["rate", "momentum"]) == "momentum")
    #expect(nearest(to: "zebra", among: ["rate", "momentum"]) == nil)
  }
}
