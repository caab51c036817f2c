import ArgumentParser
import Dispatch
import Foundation
import Training

/// Timings of what begins with a file.
extension Benchmark {
  struct Loading: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "loading", abstract: "Time reading VGG16 into a ready network; prints JSON.")

    @Argument(help: "A file of VGG16's weights.") var file: String
    @Option(help: "Threads of computation.") var threads = 1

    func run() throws {
      print("{\"milliseconds\": [\(try LoadingBenchmark.run(path: file, threads: threads))]}")
    }
  }

  struct Data: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "data", abstract: "Time the making of an epoch's batches; prints JSON.")

    @Argument(help: "A dataset.") var dataset: String
    @Option(help: "Images a step.") var batch = 32

    func validate() throws {
      guard batch > 0 else { throw ValidationError("batch is 1 or more") }
    }

    func run() throws {
      let (milliseconds, bytes) = try DataBenchmark(path: dataset, batch: batch).run()
      print("{\"milliseconds\": [\(milliseconds)], \"bytes\": \(bytes)}")
    }
  }

  struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "start", abstract: "Time a run's way to its first step; prints JSON.",
      discussion: "It ends in the middle of the run, without a save.")

    @Argument(help: "The configuration, a YAML file.") var file: String
    @Option(name: .customLong("run"), help: "The run's directory, which must not exist.") var directory: String
    @Option(help: "When the process was started, in nanoseconds of the system's monotonic clock.") var since: UInt64
    @Option(help: "Steps to take.") var steps = 6

    func run() throws {
      let run = RunDirectory(directory)
      let trainer = try Trainer(try Configuration(path: file).resolved(), run: run)
      try run.createDirectory()
      let began = DispatchTime.now().uptimeNanoseconds
      var ends: [UInt64] = []
      try trainer.train { _ in
        ends.append(DispatchTime.now().uptimeNanoseconds)
        guard ends.count == steps else { return false }
        let times = zip([began] + ends, ends).map { Double($1 - $0) * 1e-6 }
        print("{\"setup\": \(Double(began - since) * 1e-6), \"milliseconds\": \(times)}")
        // Saving what nobody will read would take longer than all that was timed.
        Foundation.exit(0)
      }
    }
  }
}
