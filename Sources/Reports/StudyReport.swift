internal import Foundation
package import Studies
internal import Support
internal import Training

/// A study's report: one self-contained HTML file, with the numbers of its figures and tables as CSV beside it.
package struct StudyReport {
  private let findings: StudyFindings
  private let evidence: Evidence
  private var plan: StudyPlan { findings.plan }

  /// A report of what is done.
  package init(_ findings: StudyFindings) {
    self.findings = findings
    evidence = Evidence(findings)
  }

  /// Where the page of a plan's report lies, once it is written.
  package static func page(of plan: StudyPlan) -> String { directory(of: plan).file("index.html") }

  private static func directory(of plan: StudyPlan) -> RunDirectory {
    RunDirectory(RunDirectory(plan.directory).file("report"))
  }

  /// Writes the report into the directory `report` of the study and gives the page's path.
  /// - Parameter file: the study's file, which is copied beside it.
  /// - Throws: `FileError` where a run's file is damaged or a file cannot be written.
  package func write(from file: String) throws -> String {
    let directory = Self.directory(of: plan)
    try directory.createDirectory()
    let table = try RunTable(findings.progress, costs: findings.costs).csv.text
    for place in [RunDirectory(plan.directory), directory] {
      try TextFile.write(table, to: place.file("results.csv"))
    }
    try TextFile.write(TextFile.read(file), to: directory.file("study.yaml"))
    try TextFile.write(script, to: directory.file("reproduce.sh"))
    try EventFiles(progress: findings.progress).write(into: RunDirectory(directory.file("events")))
    let parts = ReportParts(evidence)
    for (name, csv) in parts.tables { try TextFile.write(csv.text, to: directory.file(name)) }
    let page = Self.page(of: plan)
    try TextFile.write(
      ReportPage.html(
        title: "Are FC layers a firewall?", subtitle: subtitle, lead: AnswerSection(evidence: evidence).verdict,
        sections: parts.sections, kind: "bulkhead study report"), to: page)
    return page
  }

  private var subtitle: String {
    let study = plan.study
    return
      "Study \(study.name): \(study.domains.count) domains (\(study.sources.count) sources, \(study.targets.count) "
      + "targets), \(study.arms.count) arms, \(study.seeds.count) seeds; \(evidence.runs.count) of \(plan.cells.count) "
      + "cells done."
  }

  private var script: String {
    let study = plan.study
    let data = study.domains.flatMap { [$0.source, $0.target, $0.images] }.compactMap { $0 }
    return """
      #!/bin/sh
      # Runs the study of this report again; run it where these datasets lie:
      \(Set(data).sorted().map { "#   \($0.replacing("\n", with: " "))" }.joined(separator: "\n"))
      set -eu
      exec "${BULKHEAD:-bulkhead}" study run "$(dirname "$0")/study.yaml" --directory "${1:-checkpoints/\(study.name)-again}"

      """
  }
}
