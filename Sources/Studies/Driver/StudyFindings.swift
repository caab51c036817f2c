/// The findings of a study: its finished runs and their analysis.
package struct StudyFindings: Sendable {
  /// The runs that are done.
  package let progress: StudyProgress
  /// The sizes of the plan's networks.
  package let costs: NetworkCosts
  /// The analysis of the runs.
  package let analysis: StudyAnalysis
  /// Images of targets that sources have too; nil where that is not known.
  package let sharedImages: [SharedImages]?

  /// The plan that the runs are of.
  package var plan: StudyPlan { progress.plan }

  /// - Parameters:
  ///   - distances: between domains, where they are known.
  ///   - taskDistances: of the first arm's source models, where they are known.
  ///   - sharedImages: of targets and sources, where that is known.
  package init(
    _ progress: StudyProgress, distances: DomainDistances?, taskDistances: TaskDistances?,
    sharedImages: [SharedImages]? = nil
  ) {
    self.sharedImages = sharedImages
    self.progress = progress
    costs = NetworkCosts(of: progress.plan)
    analysis = StudyAnalysis(
      StudyResults(progress, costs: costs, distances: distances, taskDistances: taskDistances))
  }
}
