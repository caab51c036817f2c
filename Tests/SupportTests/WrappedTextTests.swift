import Support
import Testing

@Suite struct WrappedTextTests {
  @Test func wordsFillLines() {
    #expect("one two three".wrapped(width: 7) == ["one two", "three"])
    #expect("one two three".wrapped(width: 6) == ["one", "two", "three"])
    #expect("a word-that-is-longer b".wrapped(width: 5) == ["a", "word-that-is-longer", "b"])
    #expect(" spaces \n and lines ".wrapped(width: 80) == ["spaces and lines"])
    #expect("".wrapped(width: 5) == [""])
  }
}
