import ArgumentParser
import Foundation
import Kernels
import Studies
import Support
import Training

/// Experiments of many runs.
struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study", abstract: "Run an experiment of many runs, and show its results.",
    subcommands: [
      New.self, Run.self, Plan.self, Status.self, Table.self, Report.self, Submit.self, Cancel.self, Work.self,
      Simulate.self,
    ])
}

/// A study file and where its runs lie.
struct StudyOptions: ParsableArguments {
  @Argument(help: "The study's YAML file, or the name of a study in checkpoints.") var study: String
  @Option(help: "The directory of the runs (default: checkpoints/NAME).") var directory: String?

  /// The study's file: the argument, or that of the study of this name, which `study new` wrote.
  var file: String {
    guard !FileSystem.isRegularFile(study) else { return study }
    let places = [directory, study, "checkpoints/\(study)"].compactMap(\.self).map(StudyDraft.file)
    return places.first(where: FileSystem.exists) ?? study
  }

  /// The plan of the study.
  ///
  /// - Parameter workers: the number of concurrent runs; nil is the study file's.
  func plan(workers: Int? = nil) throws -> StudyPlan {
    let file = file
    guard FileSystem.exists(file) else {
      throw FileError(
        what: "there is no such file, and no study of this name in checkpoints", path: file,
        action: "write one, or make one of folders with study new", kind: .missing)
    }
    var study = try Study(path: file)
    if let workers { study.workers = workers }
    try study.requireDatasets()
    let own = StudyDraft.directory(of: file) ?? "checkpoints/\(study.name)"
    return try StudyPlan(study, path: file, directory: directory ?? own)
  }

  /// The path of this program.
  static var executable: String { Bundle.main.executablePath ?? CommandLine.arguments[0] }

  /// What drives a plan, with its progress and warnings on standard error.
  func driver(_ plan: StudyPlan, shard: Shard? = nil) -> StudyDriver {
    let display = StudyDisplay()
    return StudyDriver(
      plan,
      StudyDriver.Context(
        executable: Self.executable, shard: shard,
        holder: StudyQueue.holder(environment: ProcessInfo.processInfo.environment) ?? "bulkhead study run",
        pool: ThreadPool(threads: plan.study.workers),
        shouldStop: { StopRequest.isRequested }),
      observe: display.show)
  }
}

/// How many runs of a study are trained at once.
struct StudyWorkers: ParsableArguments {
  @Option(help: "Number of concurrent runs (default: the study file's).") var workers: Int?

  func validate() throws {
    guard (1...1024).contains(workers ?? 1) else { throw ValidationError("--workers is 1 to 1024") }
  }
}

extension Shard: ExpressibleByArgument {
  /// From `2/8`.
  public init?(argument: String) {
    let numbers = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let index = numbers[0], let count = numbers[1] else { return nil }
    self.init(index: index, count: count)
  }
}
