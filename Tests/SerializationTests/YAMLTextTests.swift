import Serialization
import Testing

@Suite struct YAMLTextTests {
  @Test func whatIsWrittenDecodesToTheSame() throws {
    let recipe = Recipe(
      rate: 0.1, flavour: .caffe, clip: 1.0 / 3, sizes: [32, 36],
      groups: [
        Group(match: "*.bias", rate: 16_777_216), Group(match: "true", rate: 1e-30),
        Group(match: "a: \"b\"\n#", rate: 0),
      ])
    let text = try YAMLText.encode(recipe)
    #expect(try StrictDecoder(source: "r.yaml").decode(Recipe.self, from: text) == recipe)
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
}
