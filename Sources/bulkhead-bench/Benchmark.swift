import ArgumentParser
import Kernels
import Layers
import Networks
import Optimizers
import Tensors
import Training
import Weights

/// Timings for `make bench`; their output is for scripts.
@main struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bulkhead-bench", abstract: "Time the project's own work.",
    subcommands: [
      TrainingSteps.self, ROIPool.self, Loading.self, Data.self, Start.self, Checkpoint.self,
    ])

  struct TrainingSteps: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "training", abstract: "Time training steps of the small VGG on random images; prints JSON.")

    @Option(help: "Threads of computation.") var threads = 1
    @Option(help: "Steps that are counted.") var steps = 50
    @Option(help: "Steps before them.") var warmup = 5
    @Option(help: "Images a step.") var batch = 32
    @Option(help: "Side lengths of the images, separated by commas.") var sizes = "36"
    @Option(help: "The head: fc or gap.") var head = "fc"
    @Option(help: "Width of an FC head; the preset's if left out.") var width: Int?
    @Option(help: "The preset network.") var preset = NetworkDescription.Preset.smallVGG.rawValue
    @Option(help: "Classes.") var classes = 10
    @Option(help: "Channels of the images.") var channels = 1
    @Option(help: "float32 or bfloat16.") var precision = Precision.float32.rawValue
    @Flag(help: "AdamW in place of SGD with momentum.") var adamw = false
    @Option(help: "Gradient accumulation steps.") var accumulate = 1
    @Flag(help: "Feed the head alone, with feature maps.") var features = false

    func validate() throws {
      guard threads > 0, steps > 0, warmup >= 0, batch > 0, width ?? 1 > 0 else {
        throw ValidationError("threads, steps, batch and width are 1 or more")
      }
      guard !sides.isEmpty, sides.allSatisfy({ (4...4096).contains($0) }) else {
        throw ValidationError("--sizes \(sizes): expected whole numbers from 4 to 4096, such as 32,36,40")
      }
      guard NetworkDescription.Head.Kind(rawValue: head) != nil else {
        throw ValidationError("--head \(head): expected fc or gap")
      }
      guard let precision = Precision(rawValue: precision), precision.isAvailable else {
        throw ValidationError("--precision \(precision): expected one that this processor multiplies in")
      }
      guard accumulate > 0, batch.isMultiple(of: accumulate) else {
        throw ValidationError("--accumulate \(accumulate): expected a divisor of the batch, \(batch)")
      }
      guard NetworkDescription.Preset(rawValue: preset) != nil, classes > 1, channels > 0 else {
        throw ValidationError("--preset \(preset), \(classes) classes, \(channels) channels: expected a preset")
      }
    }

    private var sides: [Int] {
      let parts = sizes.split(separator: ",").map { Int($0) }
      return parts.contains(nil) ? [] : parts.compactMap { $0 }
    }

    func run() throws {
      let network = NetworkDescription(
        preset: .init(rawValue: preset) ?? .smallVGG, head: .init(kind: .init(rawValue: head) ?? .fc, width: width))
      var benchmark = TrainingBenchmark(
        network: network, batch: batch, classes: classes, sizes: sides, channels: channels,
        isFedFeatures: features, precision: .init(rawValue: precision) ?? .float32)
      (benchmark.accumulate, benchmark.usesAdamW) = (accumulate, adamw)
      let (times, loss) = try ThreadPool(threads: threads).use { try benchmark.run(steps: steps, warmup: warmup) }
      print("{\"milliseconds\": \(times), \"loss\": \(loss)}")
    }
  }

  struct ROIPool: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "roi-pool", abstract: "Time ROIPool forward and backward; prints JSON.")

    @Option(help: "Threads of computation.") var threads = 1
    @Option(help: "Rounds that are counted.") var rounds = 50
    @Option(help: "Regions.") var regions = 128

    func validate() throws {
      guard threads > 0, rounds > 0, regions > 0 else {
        throw ValidationError("threads, rounds and regions are 1 or more")
      }
    }

    func run() {
      let times = ThreadPool(threads: threads).use { ROIPoolBenchmark(regions: regions).run(rounds: rounds) }
      let sums = zip(times.forward, times.backward).map { $0 + $1 }
      print("{\"forward\": \(times.forward), \"backward\": \(times.backward), \"milliseconds\": \(sums)}")
    }
  }

  struct Checkpoint: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "checkpoint",
      abstract: "Time a checkpoint beside a copy in memory and a plain write of as many bytes; prints JSON.")

    @Option(help: "Threads of computation.") var threads = 1
    @Option(help: "Rounds.") var rounds = 5
    @Option(help: "Parameters and momentum together, in millions of bytes.") var megabytes = 1000
    @Option(help: "The directory that is written to.") var folder = "."

    func validate() throws {
      guard threads > 0, rounds > 0, (1...1_000_000).contains(megabytes) else {
        throw ValidationError("threads, rounds and megabytes are 1 or more")
      }
    }

    func run() throws {
      let benchmark = CheckpointBenchmark(megabytes: megabytes, folder: folder)
      let times = try ThreadPool(threads: threads).use { try benchmark.run(rounds: rounds) }
      let columns: KeyValuePairs = [
        "stall": times.map(\.stall), "cold_stall": times.map(\.coldStall), "copy": times.map(\.copy),
        "save": times.map(\.save), "disk": times.map(\.disk),
      ]
      print("{\"megabytes\": \(megabytes), " + columns.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}")
    }
  }
}
