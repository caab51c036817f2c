package import Networks

extension Configuration {
  /// What the run's network is trained for.
  package var task: any TrainingTask.Type {
    switch taskKind {
    case .classification, nil: Classification.self
    case .detection: Detection.self
    }
  }

  /// A task's metrics, the one that selects first.
  package func metrics(of task: any TrainingTask.Type) -> [Metric] {
    guard let select, let chosen = task.metrics.first(where: { $0.name == select.rawValue }) else {
      return task.metrics
    }
    return [chosen] + task.metrics.filter { $0 != chosen }
  }

  /// The metrics of the run's task, the one that selects first.
  package var metrics: [Metric] { metrics(of: task) }

  /// The metric that runs are compared by on test images: accuracy, or of a detector the one that selects.
  package var comparedBy: Metric {
    switch taskKind {
    case .classification, nil: Classification.metrics[0]
    case .detection: metrics[0]
    }
  }

  /// A network with the outputs that a task needs, the configuration's own unless it is named.
  package func described(
    _ network: NetworkDescription, _ task: (any TrainingTask.Type)? = nil, classes: Int
  ) -> NetworkDescription { (task ?? self.task).described(network, by: self, classes: classes) }
}
