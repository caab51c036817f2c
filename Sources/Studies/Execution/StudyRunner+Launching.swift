internal import Training

extension StudyRunner {
  /// Starts ready jobs, in order, while there are free workers.
  /// - Returns: whether all that is open waits for what failed.
  mutating func launch() throws -> Bool {
    waitsForOthers = false
    guard running.count < plan.study.workers, !open.isEmpty else { return false }
    var (ready, others) = try readyJobs()
    if let shard { ready = ready.filter(shard.owns) + ready.filter { !shard.owns($0) } }
    var settled: Set<String> = []
    for job in ready where running.count < plan.study.workers {
      let directory = job.run.directory
      try job.run.create()
      var claim: RunClaim?
      if shard != nil {
        guard let own = try RunClaim(directory, holder: holder) else {
          others += 1
          continue
        }
        claim = own
        reader.look(for: job.run)
        guard try !isDone(job) else {
          settled.insert(job.key)
          isStale = true
          continue
        }
      }
      try directory.forgetFailure()
      let child = try ChildProcess(executable: executable, arguments: job.arguments, log: directory.file(job.logName))
      running.append((job, child, claim))
      settled.insert(job.key)
    }
    open.removeAll { settled.contains($0.key) }
    waitsForOthers = running.isEmpty && others > 0
    return ready.isEmpty && others == 0
  }

  /// Open jobs that nothing keeps from being started, as many as there are free workers; of a shard all.
  /// - Returns: also how many wait for what another machine may be working on.
  private func readyJobs() throws -> (ready: [StudyJob], others: Int) {
    var ready: [StudyJob] = []
    var others = 0
    let free = plan.study.workers - running.count
    for job in open where shard != nil || ready.count < free {
      if let before = job.prerequisite {
        guard let result = try reader.result(of: before), result.divergedAt == nil else {
          if try reader.result(of: before) == nil, mayBeDoneElsewhere(.train(before, after: nil)) { others += 1 }
          continue
        }
      }
      ready.append(job)
    }
    return (ready, others)
  }

  private func mayBeDoneElsewhere(_ job: StudyJob) -> Bool {
    shard != nil && !failed.contains(job.key) && phase?.mayBegin(job) ?? true
  }

  func isDone(_ job: StudyJob) throws -> Bool {
    if case .train = job { return try reader.result(of: job.run) != nil }
    return try reader.testAccuracy(of: job.run) != nil
  }
}
