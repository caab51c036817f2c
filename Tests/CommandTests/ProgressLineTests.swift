import BulkheadCommand
import Testing

@Suite struct ProgressLineTests {
  private final class Sink { var texts: [String] = [] }

  @Test func plainLinesComeNowAndThen() {
    let sink = Sink()
    var progress = ProgressLine("train", total: 100, unit: "images", now: 0, surface: { .plain }) {
      sink.texts.append($0)
    }
    for second in 1...25 { progress.update(done: second, note: "loss 0.5", now: Double(second)) }
    progress.finish(done: 100, now: 50)
    #expect(
      sink.texts == [
        "train  10/100 images  1.0/s  loss 0.5  1:30 left\n", "train  20/100 images  1.0/s  loss 0.5  1:20 left\n",
        "train  100/100 images  2.0/s  in 0:50\n",
      ])
  }

  @Test func theBarFitsTheTerminal() {
    for columns in [20, 60, 200] {
      let sink = Sink()
      var progress = ProgressLine(
        "train", total: 8, unit: "epochs", now: 0, surface: { .terminal(columns: columns) }
      ) { sink.texts.append($0) }
      progress.update(done: 4, note: "loss 0.1", now: 2)
      progress.update(done: 5, now: 2.01)
      #expect(sink.texts.count == 1)
      let line = sink.texts[0].replacing("\r\u{1B}[2K", with: "")
      #expect(line.count < columns)
      #expect(line.contains("━") == (columns > 20))
      progress.say("a word")
      #expect(sink.texts.last == "\r\u{1B}[2Ka word\n")
      progress.finish(done: 8, now: 4)
      #expect(sink.texts.last == "\n")
    }
  }

  @Test func rateCountsOnlyThisRun() {
    let sink = Sink()
    var progress = ProgressLine("train", total: 30, startedAt: 10, unit: "steps", now: 0, surface: { .plain }) {
      sink.texts.append($0)
    }
    progress.update(done: 20, now: 10)
    #expect(sink.texts == ["train  20/30 steps  1.0/s  0:10 left\n"])
  }

  @Test func timeLeftFollowsTheWorkWhereUnitsDiffer() {
    let sink = Sink()
    var progress = ProgressLine(
      "study", total: 10, startedAt: 2, startShare: 0.5, unit: "jobs", now: 0, surface: { .plain }
    ) { sink.texts.append($0) }
    progress.update(done: 3, share: 0.75, now: 20)
    #expect(sink.texts == ["study  3/10 jobs  0.1/s  0:20 left\n"])
  }

  @Test func times() {
    #expect(ProgressLine.time(0) == "0:00")
    #expect(ProgressLine.time(59.2) == "1:00")
    #expect(ProgressLine.time(3723) == "1:02:03")
    #expect(ProgressLine.time(.infinity) == "99:59:59")
  }
}
