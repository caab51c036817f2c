import ArgumentParser
import Dispatch
import Foundation
import Kernels
import Training

/// Timings of work that starts from a file.
extension Benchmark {
  struct Loading: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "loading", abstract: "Time loading VGG16's weights into a network; prints JSON.")

    @Argument(help: "A weight file of VGG16.") var file: String
    @Option(help: "Number of threads.") var threads = 1

    func run() throws {
      print("{\"milliseconds\": [\(try ThreadPool(threads: threads).use { try LoadingBenchmark.run(path: file) })]}")
    }
  }

  struct Data: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "data", abstract: "Time the batches of one epoch, without a network; prints JSON.")

    @Argument(help: "A dataset.") var dataset: String
    @Option(help: "Images per step.") var batch = 32

    func validate() throws {
      guard batch > 0 else { throw ValidationError("--batch \(batch): expected 1 or more") }
    }

    func run() throws {
      let (milliseconds, bytes) = try DataBenchmark(path: dataset, batch: batch).run()
      print("{\"milliseconds\": [\(milliseconds)], \"bytes\": \(bytes)}")
    }
  }

  struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "start", abstract: "Time a run from its start to its first steps; prints JSON.",
      discussion: "Ends after these steps, without a checkpoint.")

    @Argument(help: "The configuration, a YAML file.") var file: String
    @Option(name: .customLong("run"), help: "The run's directory, which must not exist.") var directory: String
    @Option(help: "Start of the process, in nanoseconds of the monotonic clock.") var since: UInt64
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
        // Skip the checkpoint, which would take longer than the steps.
        Foundation.exit(0)
      }
    }
  }
}
