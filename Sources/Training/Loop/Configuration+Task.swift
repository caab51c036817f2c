extension Configuration {
  /// What the run's network is trained for.
  package var task: any TrainingTask.Type { Classification.self }
}
