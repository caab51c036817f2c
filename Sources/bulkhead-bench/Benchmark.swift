import ArgumentParser
import Kernels
import Layers
import Networks
import Optimizers
import Tensors
import Training
import Weights

/// Timings for `make bench`; prints JSON for scripts.
@main struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bulkhead-bench", abstract: "Time training, loading and saving.",
    subcommands: [
      TrainingSteps.self, ROIPool.self, Suppression.self, Loading.self, Data.self, Start.self, Checkpoint.self,
    ])

  struct TrainingSteps: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "training", abstract: "Time training steps of the small VGG on random images; prints JSON.")

    @Option(help: "Number of threads.") var threads = 1
    @Option(help: "Timed steps.") var steps = 50
    @Option(help: "Untimed steps before them.") var warmup = 5
    @Option(help: "Images per step.") var batch = 32
    @Option(help: "Side lengths of the images, separated by commas.") var sizes = "36"
    @Option(help: "The head: fc or gap.") var head = "fc"
    @Option(help: "Width of an FC head (default: the preset's).") var width: Int?
    @Option(help: "The preset network.") var preset = NetworkDescription.Preset.smallVGG.rawValue
    @Option(help: "Number of classes.") var classes = 10
    @Option(help: "Channels of the images.") var channels = 1
    @Option(help: "float32 or bfloat16.") var precision = Precision.float32.rawValue
    @Flag(help: "Use AdamW instead of SGD with momentum.") var adamw = false
    @Option(help: "Gradient accumulation steps.") var accumulate = 1
    @Flag(help: "Train only the head, on feature maps.") var features = false

    func validate() throws {
      guard threads > 0, steps > 0, warmup >= 0, batch > 0, width ?? 1 > 0 else {
        throw ValidationError("--threads, --steps, --batch and --width: expected 1 or more")
      }
      guard !sides.isEmpty, sides.allSatisfy({ (4...4096).contains($0) }) else {
        throw ValidationError("--sizes \(sizes): expected whole numbers from 4 to 4096, such as 32,36,40")
      }
      guard NetworkDescription.Head.Kind(rawValue: head) != nil else {
        throw ValidationError("--head \(head): expected fc or gap")
      }
      guard let precision = Precision(rawValue: precision), precision.isAvailable else {
        throw ValidationError("--precision \(precision): expected float32, or bfloat16 on a processor that supports it")
      }
      guard accumulate > 0, batch.isMultiple(of: accumulate) else {
        throw ValidationError("--accumulate \(accumulate): expected a divisor of --batch \(batch)")
      }
      guard NetworkDescription.Preset(rawValue: preset) != nil, classes > 1, channels > 0 else {
        throw ValidationError(
          "--preset \(preset), --classes \(classes), --channels \(channels): expected a preset, 2 or more classes, 1 or more "
            + "channels")
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

    @Option(help: "Number of threads.") var threads = 1
    @Option(help: "Timed rounds.") var rounds = 50
    @Option(help: "Number of regions.") var regions = 128

    func validate() throws {
      guard threads > 0, rounds > 0, regions > 0 else {
        throw ValidationError("--threads, --rounds and --regions: expected 1 or more")
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
      abstract: "Time a checkpoint, a copy in memory and a plain write of the same size; prints JSON.")

    @Option(help: "Number of threads.") var threads = 1
    @Option(help: "Timed rounds.") var rounds = 5
    @Option(help: "Size of parameters and momentum, in millions of bytes.") var megabytes = 1000
    @Option(help: "Directory of the files.") var folder = "."

    func validate() throws {
      guard threads > 0, rounds > 0, (1...1_000_000).contains(megabytes) else {
        throw ValidationError("--threads, --rounds and --megabytes: expected 1 or more")
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
