internal import Training

extension StudyPlan {
  /// Writes `results.csv`, one row a run, into the study's directory.
  package func writeTable() throws {
    var lines = ["run,phase,arm,target,start,seed,rate,chosen,bestEpoch,validationAccuracy,testAccuracy"]
    func row(_ run: PlannedRun, _ words: [String], chosen: Bool) throws {
      let result = try run.directory.loadResult()
      let test = chosen ? try Self.testAccuracy(of: run) : nil
      let fields =
        [run.directory.name] + words
        + [
          "\(run.seed)", run.rate.map { "\($0)" } ?? "", chosen ? "yes" : "no", result.map { "\($0.bestEpoch)" } ?? "",
          result.map { "\($0.validationAccuracy)" } ?? "", test.map { "\($0)" } ?? "",
        ]
      lines.append(fields.map(Self.quoted).joined(separator: ","))
    }
    for run in sources { try row(run, ["pretraining", run.arm, study.source.name, ""], chosen: true) }
    for cell in cells {
      let chosen = try cell.selection()?.chosen
      for run in cell.runs {
        try row(run, ["finetuning", cell.arm, cell.target, cell.start.rawValue], chosen: run == chosen)
      }
    }
    try RunDirectory.write(lines.joined(separator: "\n") + "\n", to: table)
  }

  /// The path of `results.csv`.
  package var table: String { RunDirectory(directory).file("results.csv") }

  /// Removes what no reader of the finished study needs: checkpoints to resume from, and weights that were not chosen.
  ///
  /// Source models and chosen weights stay; metrics, results and evaluations stay for every run.
  package func removeSpentCheckpoints() throws {
    for cell in cells {
      guard let selection = try cell.selection(), try selection.testAccuracy() != nil else { continue }
      for run in cell.runs {
        try run.directory.removeCheckpoints()
        if run != selection.chosen { try RunDirectory.remove(run.directory.best) }
      }
    }
  }

  private static func quoted(_ field: String) -> String {
    field.contains { ",\"\n".contains($0) } ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
  }
}
