import Serialization
import Support
import Testing

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
    #expect(message("rate: 1\nrate: 2") == "r.yaml:2: duplicate key rate, which line 1 has already")
    #expect(
      message("a: 1\nb:\n  rate: 1\n  # rate:\n  c: {rate: 3}\n  'rate': 2\nrate: 7")
        == "r.yaml:6: duplicate key rate, which line 3 has already")
    #expect(message("{rate: 1, rate: 2}") == "r.yaml:1: duplicate key rate")
  }

  /// The booleans of YAML 1.2; those of 1.1 are refused with what to write.
  @Test func booleans() throws {
    struct Switch: Decodable { var on: Bool }
    func found(_ text: String) -> String {
      do {
        return try "\(StrictDecoder(source: "s.yaml").decode(Switch.self, from: "on: \(text)").on)"
      } catch {
        return "\(error)"
      }
    }
    for text in ["true", "True", "TRUE"] { #expect(found(text) == "true") }
    for text in ["false", "False", "FALSE"] { #expect(found(text) == "false") }
    for text in ["yes", "Yes", "on", "ON", "y"] {
      #expect(found(text) == "s.yaml:1: on: expected true or false, found \"\(text)\"; write true")
    }
    for text in ["no", "No", "off", "OFF", "n"] {
      #expect(found(text) == "s.yaml:1: on: expected true or false, found \"\(text)\"; write false")
    }
    for text in ["1", "tRUE", "\"true\"", "truth"] { #expect(found(text).contains("expected true or false, found")) }
  }

  /// Former names, and those of other tools, are answered with the key.
  @Test func otherNamesOfKeys() {
    struct Part: Decodable {
      var inputNormalization: String?
      var sizes: [Int]?

      enum CodingKeys: String, CodingKey, OtherNames {
        case inputNormalization, sizes
        static var otherNames: [String: String] { ["pixels": "inputNormalization"] }
      }
    }
    struct Whole: Decodable { var parts: [Part] }
    func problem(_ text: String) -> String {
      do {
        return "no error: \(try StrictDecoder(source: "p.yaml").decode(Whole.self, from: text))"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      problem("parts:\n- sizes: [1]\n- pixels: unit")
        == #"p.yaml:3: parts[1].pixels: unknown key; did you mean "inputNormalization"?"#)
    #expect(problem("parts: []\npixels: unit").contains("known here: parts"))
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

}
