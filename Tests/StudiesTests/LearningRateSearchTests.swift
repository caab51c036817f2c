import Studies
import Testing

@Suite struct LearningRateSearchTests {
  /// Accuracy as a function of the learning rate; everything is known at once.
  private func end(_ search: LearningRateSearch, best: Double) -> LearningRateSearch.State {
    search.state(isKnown: { _ in true }) { abs($0 - best) < abs($1 - best) }
  }

  @Test func aSearchExtendsUntilTheBestLiesInside() {
    let search = LearningRateSearch(rates: [0.03, 0.01, 0.1], extensions: 3)
    #expect(end(search, best: 0.03) == .init(tried: [0.01, 0.03, 0.1], best: 0.03, isInside: true))
    #expect(end(search, best: 0.3) == .init(tried: [0.01, 0.03, 0.1, 0.33, 1.1], best: 0.33, isInside: true))
    #expect(end(search, best: 0.003) == .init(tried: [0.0011, 0.0033, 0.01, 0.03, 0.1], best: 0.0033, isInside: true))
  }

  @Test func aSearchEndsWithItsExtensions() {
    let search = LearningRateSearch(rates: [0.01, 0.1], extensions: 2)
    #expect(end(search, best: 1000) == .init(tried: [0.01, 0.1, 1, 10], best: 10, isInside: false))
    #expect(end(LearningRateSearch(rates: [0.1], extensions: 2), best: 1).tried == [0.1])
    #expect(end(LearningRateSearch(rates: [0.1, 0.2], extensions: 0), best: 1).best == 0.2)
  }

  @Test func unknownScoresAreAwaited() {
    let search = LearningRateSearch(rates: [0.01, 0.1], extensions: 2)
    let state = search.state(isKnown: { $0 < 0.5 }) { $0 > $1 }
    #expect(state == .init(tried: [0.01, 0.1, 1], best: nil))
  }
}
