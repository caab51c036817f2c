internal import Datasets
internal import Kernels
internal import Support
internal import Training

/// Measures what a study's analysis needs beside its runs, and keeps it in the study's directory; what cannot be measured is
/// a warning, as the trained runs can be shown without it.
struct StudyMeasurements {
  private let context: StudyDriver.Context
  private let observe: (StudyEvent) -> Void

  init(_ context: StudyDriver.Context, _ observe: @escaping (StudyEvent) -> Void) {
    (self.context, self.observe) = (context, observe)
  }

  /// Distances between domains, from `distances.json` or measured.
  func domainDistances(of plan: StudyPlan) throws -> DomainDistances? {
    try orWarning("no distances between domains") {
      let file = RunDirectory(plan.directory).file("distances.json")
      if let known = try? JSONFile.read(DomainDistances.self, from: file),
        known.key == plan.domainDistanceKey
      {
        return known
      }
      let distances = try DomainDistances(measuring: plan, shouldStop: context.shouldStop)
      try JSONFile.write(distances, to: file)
      return distances
    }
  }

  /// Images of targets that sources have too, from `shared-images.json` or looked for; each is a warning.
  func sharedImages(of plan: StudyPlan) throws -> [SharedImages]? {
    let found = try orWarning("whether sources and targets share images is not known") {
      let paths = plan.study.domains.flatMap { [$0.source, $0.target] }.compactMap(\.self)
      let prints = try paths.map { try Dataset.fingerprint(of: $0) }
      let key = Identity.name(of: (plan.study.domains.map(\.name) + prints).joined(separator: "\n"))
      let file = RunDirectory(plan.directory).file("shared-images.json")
      if let known = try? JSONFile.read(KnownSharedImages.self, from: file), known.key == key { return known.found }
      let found = try SharedImages.all(in: plan.study, shouldStop: context.shouldStop)
      try JSONFile.write(KnownSharedImages(key: key, found: found), to: file)
      return found
    }
    for shared in found ?? [] { observe(.warning(shared.sentence)) }
    return found
  }

  /// Distances between tasks, from `task-distances.json` or measured.
  func taskDistances(_ progress: StudyProgress) throws -> TaskDistances? {
    try orWarning("no distances between tasks") {
      let file = RunDirectory(progress.plan.directory).file("task-distances.json")
      let measurement = TaskDistanceMeasurement(progress)
      if let known = try? JSONFile.read(TaskDistances.self, from: file), known.key == measurement.key {
        return known
      }
      defer { observe(.ended(.taskDistances)) }
      let distances = try measurement.distances(on: context.pool, shouldStop: context.shouldStop) {
        observe(.advanced(.taskDistances, done: $0, total: $1))
      }
      if measurement.isPossible { try JSONFile.write(distances, to: file) }
      return distances
    }
  }

  /// Writes `drift.json` beside each chosen pretrained run that lacks it.
  func measureDrift(_ progress: StudyProgress) throws {
    _ = try orWarning("weight drift is not measured") {
      defer { observe(.ended(.drift)) }
      try DriftMeasurement(progress) { $0.directory.loadDrift() != nil }
        .run(on: context.pool, shouldStop: context.shouldStop) { drift, run in
          try JSONFile.write(drift, to: run.directory.drift)
        } progress: {
          observe(.advanced(.drift, done: $0, total: $1))
        }
    }
  }

  /// nil with a warning where a file cannot be used.
  private func orWarning<Value>(_ what: String, _ body: () throws -> Value) throws -> Value? {
    do { return try body() } catch let error as any CustomStringConvertible & Error
      where error is FileError || error is TrainingError || error is RunError
    {
      observe(.warning("\(what): \(error)"))
      return nil
    }
  }
}
