import ArgumentParser
import Kernels

extension Benchmark {
  struct Suppression: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "nms", abstract: "Time non-maximum suppression; prints JSON.")

    @Option(help: "Number of threads.") var threads = 1
    @Option(help: "Timed rounds.") var rounds = 50
    @Option(help: "Number of boxes.") var boxes = 6000
    @Option(help: "The overlap above which a box is removed.") var threshold = 0.7

    func validate() throws {
      guard threads > 0, rounds > 0, boxes > 0, threshold >= 0 else {
        throw ValidationError("--threads, --rounds and --boxes: expected 1 or more; --threshold: 0 or more")
      }
    }

    func run() {
      let result = ThreadPool(threads: threads).use {
        SuppressionBenchmark(boxes: boxes, threshold: threshold).run(rounds: rounds)
      }
      print("{\"milliseconds\": \(result.milliseconds), \"kept\": \(result.kept)}")
    }
  }
}
