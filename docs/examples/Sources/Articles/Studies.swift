import Bulkhead

func makeStudy() async throws -> StudyPreparation.Report {
  // snippet
  var preparation = StudyPreparation(
    name: "mine",
    domains: [
      .init(name: "photos", images: .folder("photos")), .init(name: "sketches", images: .folder("sketches")),
    ])
  preparation.budget = 1800
  let report = try await preparation.run()
  for decision in report.decisions { print("\(decision.what): \(decision.choice), \(decision.reason)") }
  // end
  return report
}

func planStudy() throws {
  // snippet
  let study = try TransferStudy(opening: "study.yaml")
  print("\(study.sourceModelCount) source models, \(study.cellCount) cells")
  print("about \(try study.secondsLeft() / 60) minutes")
  // end
}

func runStudy(_ study: TransferStudy) async throws {
  // snippet
  let findings = try await study.run(executable: "/usr/local/bin/bulkhead") { event in
    switch event {
    case .jobs(let jobs): print("\(jobs.done) of \(jobs.total) jobs, \(jobs.failed) failed")
    case .warning(let text): print("warning: \(text)")
    case .failed(let job, let reason): print("\(job): \(reason)")
    default: break
    }
  }
  print(findings.summary)
  // end
}

func submitStudy(_ study: TransferStudy) throws {
  // snippet
  let (phases, script) = try study.submit(to: .slurm, tasks: 64, executable: "/usr/local/bin/bulkhead")
  for phase in phases { print("\(phase.name): \(phase.tasks) tasks, job \(phase.job ?? "none")") }
  print("\(try study.queue().count { $0.isActive }) tasks of \(script) are in the queue")
  // end
}

func readStudy(_ study: TransferStudy) throws {
  // snippet
  let findings = try study.findings()
  print("\(findings.verdict): \(findings.sentence)")
  for effect in findings.effects {
    guard let interval = effect.interval else { continue }
    print("\(effect.source) to \(effect.target): \(interval.estimate), \(interval.lower) to \(interval.upper)")
  }
  let page = try study.writeReport()
  // end
  _ = page
}
