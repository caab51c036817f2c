import Bulkhead

func configure() throws -> TrainingConfiguration {
  // snippet
  var configuration = TrainingConfiguration(dataset: "photos.h5")
  configuration.network = NetworkModel(.resnet18)
  configuration.epochs = 20
  configuration.patience = 5
  configuration =
    try configuration
    .setting("optimizer", to: "{kind: adamw, learningRate: 0.001, weightDecay: 0.01}")
    .setting("schedule", to: "{kind: cosine, warmup: 1}")
    .setting("data.resize", to: "{shorter: 256, crop: 224}")
  print(try configuration.yaml)
  // end
  return configuration
}

func train(_ configuration: TrainingConfiguration) throws {
  // snippet
  let run = TrainingRun(directory: "runs/photos")
  try run.start(configuration) { progress in
    switch progress {
    case .loadedWeights(let path, let table): print("weights of \(path)\n\(table)")
    case .epoch(let epoch, let total, let metrics): print("epoch \(epoch) of \(total): \(metrics)")
    case .warning(let text): print("warning: \(text)")
    default: break
    }
  }
  for line in try run.metrics() { print(line.step, line.values["trainLoss"] ?? .nan) }
  // end
}

func trainTwoAtOnce(_ configuration: TrainingConfiguration) async throws {
  // snippet
  var (first, second) = (configuration, configuration)
  (first.threads, second.threads) = (4, 4)
  second.seed = 2
  async let one = TrainingRun(directory: "runs/seed-1").start(first)
  async let two = TrainingRun(directory: "runs/seed-2").start(second)
  let outcomes = try await [one, two]
  // end
  _ = outcomes
}
