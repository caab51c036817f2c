internal import Training

/// The searches of cells that choose learning rate and epochs together.
extension ProgressReader {
  private typealias Trial = (run: PlannedRun, result: RunResult?)

  /// What the seeds that search know.
  private struct Search {
    var state: SettingSearch.State
    /// Of the chosen setting.
    var score: SettingScore?
    /// The trials of each cell, by setting.
    var trials: [Int: [Trial]] = [:]
    /// The open gain of each cell.
    var openGains: [Int: Double] = [:]
  }

  /// The states of cells that differ in their seeds alone, given the states of those before them.
  func states(of group: [Int], after states: [StudyProgress.CellState]) throws -> [StudyProgress.CellState] {
    var probes: [Int: Selection] = [:]
    for index in group {
      guard let place = plan.cells[index].probe else { continue }
      guard case .chosen(let probe) = states[place] else { return group.map { _ in .waiting } }
      probes[index] = probe
    }
    let able = group.filter { probes[$0]?.hasDiverged != true }
    let searching = able.filter { !plan.cells[$0].trials.isEmpty }
    let search = searching.isEmpty ? nil : try self.search(of: searching, after: probes)
    return try group.map { index in
      guard let search, able.contains(index) else {
        // A run that cannot start scores no better than its starting point; nor does one that no search chooses for.
        return probes[index].map { .chosen(startingPoint($0, of: plan.cells[index])) } ?? .waiting
      }
      return try state(of: index, search, after: probes[index])
    }
  }

  private func startingPoint(_ probe: Selection, of cell: Cell) -> Selection {
    Selection(
      cell: cell, chosen: probe.chosen, result: probe.result, setting: probe.setting, score: probe.score, runs: [],
      isInside: probe.isInside)
  }

  private func search(of cells: [Int], after probes: [Int: Selection]) throws -> Search {
    let first = plan.cells[cells[0]]
    var scores: [Setting: SettingScore] = [:]
    var trials: [Setting: [(cell: Int, trial: Trial)]] = [:]
    func score(of setting: Setting) throws -> SettingScore? {
      if trials[setting] != nil { return scores[setting] }
      let all = try cells.flatMap { index in
        try plan.cells[index].trials.map { (index, try trial(index, setting, $0, after: probes[index])) }
      }
      trials[setting] = all
      scores[setting] = SettingScore(of: all.map(\.1.result), by: first.base.metrics)
      return scores[setting]
    }
    let state = try SettingSearch(rates: first.rates, epochs: first.base.epochs, doublings: first.doublings)
      .state(score: score)
    for setting in state.tried { _ = try score(of: setting) }
    var search = Search(state: state, score: state.chosen.flatMap { scores[$0] })
    let all = state.tried.flatMap { trials[$0] ?? [] }
    for index in cells { search.trials[index] = all.filter { $0.cell == index }.map(\.trial) }
    if first.doublings > 0, let chosen = state.chosen, let last = trials[chosen] {
      for index in cells {
        let own = zip(last, state.openGain).filter { $0.0.cell == index }.map(\.1)
        search.openGains[index] = own.reduce(0, +) / Double(max(own.count, 1))
      }
    }
    return search
  }

  /// The state of a cell: its trials, then the run that is tested.
  ///
  /// Where that run diverges, which a seed that did not search or a refit may do, it is trained at the next lower learning rate
  /// that was tried.
  private func state(
    of index: Int, _ search: Search, after probe: Selection?
  ) throws -> StudyProgress.CellState {
    let cell = plan.cells[index]
    var runs = search.trials[index]?.map(\.run) ?? []
    guard let setting = search.state.chosen, let score = search.score else {
      return runs.isEmpty ? .waiting : .searching(runs)
    }
    var tested: (run: PlannedRun, result: RunResult)?
    for rate in search.state.fallbacks {
      let setting = Setting(learningRate: rate, epochs: setting.epochs)
      let one = try trial(index, setting, cell.finalTrial, after: probe)
      if !runs.contains(one.run) { runs.append(one.run) }
      guard let result = one.result else { return .searching(runs) }
      tested = (one.run, result)
      if result.divergedAt == nil { break }
    }
    guard let tested else { return .waiting }
    return .chosen(
      Selection(
        cell: cell, chosen: tested.run, result: tested.result, setting: setting, score: score, runs: runs,
        isInside: search.state.isInside, openGain: search.openGains[index]))
  }

  /// A run of a cell with its result; it begins with what the same images were probed with, where it begins with a probe.
  private func trial(
    _ index: Int, _ setting: Setting, _ trial: Cell.Trial, after probe: Selection?
  ) throws -> Trial {
    let before = probe?.run(of: trial)
    let place = Place(cell: index, setting: setting, trial: trial, probe: before?.identity)
    let run = try planned[place] ?? plan.run(of: plan.cells[index], setting, trial, after: before)
    planned[place] = run
    return (run, try result(of: run))
  }
}
