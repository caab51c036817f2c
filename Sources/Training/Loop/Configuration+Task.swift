extension Configuration {
  /// What the run's network is trained for.
  package var task: any TrainingTask.Type { Classification.self }

  /// A task's metrics, the one that selects first.
  package func metrics(of task: any TrainingTask.Type) -> [Metric] {
    guard let select, let chosen = task.metrics.first(where: { $0.name == select.rawValue }) else {
      return task.metrics
    }
    return [chosen] + task.metrics.filter { $0 != chosen }
  }

  /// The metrics of the run's task, the one that selects first.
  package var metrics: [Metric] { metrics(of: task) }
}
