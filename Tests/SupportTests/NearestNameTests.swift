import Support
import Testing

@Suite struct NearestNameTests {
  @Test func editDistances() {
    #expect(editDistance("rate", "rate") == 0)
    #expect(editDistance("rate", "Rtae") == 1)
    #expect(editDistance("", "abc") == 3)
    #expect(editDistance("kitten", "sitting") == 3)
    #expect(nearest(to: "momentun", among: ["rate", "momentum"]) == "momentum")
    #expect(nearest(to: "zebra", among: ["rate", "momentum"]) == nil)
  }
}
