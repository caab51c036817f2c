internal import Datasets
internal import Networks
internal import Serialization
internal import Support
internal import Training

/// Finds the richest design that the time allows, by timing a few steps of its networks.
struct DesignSearch {
  private let material: DesignMaterial
  private let calibration = StudyCalibration()

  /// The part of the time that an estimate may take, as grids of learning rates are extended and other work shares the
  /// machine.
  private static let reserve = 0.7

  /// Seeds, arms of the mechanism, effort and extensions, from the richest to the least.
  private static let steps: [(seeds: Int, hasMechanism: Bool, effort: Double, extensions: Int)] = [
    (5, true, 1, 2), (5, true, 0.6, 2), (5, false, 0.6, 2), (3, true, 0.6, 1), (3, false, 0.6, 1), (3, false, 0.35, 1),
    (3, false, 0.2, 0),
  ]

  init(_ material: DesignMaterial) { self.material = material }

  /// The first design that fits, or the least of all.
  /// - Throws: `YAMLError` or `ShapeError` where the network takes no such images, `FileError` for weights that cannot be
  ///   read or of the kind `interrupted`.
  func choice(shouldStop: () -> Bool, observe: (String) -> Void) throws -> ChosenDesign {
    let allowed = Self.reserve * material.draft.budget
    let settings = try self.settings
    var last: (design: StudyDesign, seconds: Double)?
    var refused: [(design: StudyDesign, seconds: Double)] = []
    for (place, setting) in settings.enumerated() {
      let isLast = place == settings.count - 1
      for step in Self.steps where isLast || step.effort >= 0.6 {
        if shouldStop() { throw Interruption.stopped }
        let design = StudyDesign(
          material, mode: setting.mode, side: setting.side, seeds: material.draft.seeds ?? step.seeds,
          hasMechanism: step.hasMechanism, effort: step.effort, extensions: step.extensions)
        observe("\(setting.mode.rawValue) training\(setting.side.map { " at \($0) pixels" } ?? "")")
        if !isLast, try isHopeless(design) {
          refused.append((design, .infinity))
          break
        }
        let seconds = try self.seconds(of: design)
        last = (design, seconds)
        if seconds <= allowed {
          return ChosenDesign(
            design: design, seconds: seconds,
            decisions: DesignReasons(material, design, seconds: seconds, refused: refused).decisions)
        }
        refused.append((design, seconds))
      }
    }
    guard let last else { preconditionFailure("DesignSearch: there is always a setting") }
    return ChosenDesign(
      design: last.design, seconds: last.seconds,
      decisions: DesignReasons(material, last.design, seconds: last.seconds, refused: refused).decisions)
  }

  /// Modes and sides, in the order in which they are tried.
  private var settings: [(mode: StudyDraft.Mode, side: Int?)] {
    get throws {
      let sides = try material.sides()
      let modes: [StudyDraft.Mode] =
        material.draft.mode.map { [$0] } ?? (material.draft.weights == nil ? [.full] : [.full, .frozen])
      return modes.flatMap { mode in sides.map { (mode, $0) } }
    }
  }

  /// Whether the source models alone take longer, by the backbone's forward pass: full training of a large network takes a
  /// while to time.
  private func isHopeless(_ design: StudyDesign) throws -> Bool {
    guard design.mode == .full, !design.isFromScratch, let path = material.survey.domains.first?.source.name,
      let outline = material.outlines(design)[material.dataset(path, .source)]
    else { return false }
    var configuration = Configuration(data: DataConfiguration(path: ""))
    configuration.network = NetworkDescription(preset: material.preset)
    let forward = try calibration.secondsPerMap(configuration, outline)
    let images = design.sourceSteps * Double(StudyDesign.batch) * 2 * Double(design.seeds * material.shares.count)
    return 3 * forward * images / Double(material.draft.workers) > Self.reserve * material.draft.budget
  }

  /// Seconds that a design takes.
  private func seconds(of design: StudyDesign) throws -> Double {
    let chosen = ChosenDesign(design: design, seconds: 0, decisions: [])
    let path = StudyDraft.file(in: material.draft.directory)
    let study = try StrictDecoder(source: path).decode(Study.self, from: StudyText(material, chosen).text)
    // Of another directory, as no run of it is done.
    let plan = try StudyPlan(
      study, path: path, directory: material.draft.directory + "/.draft", expecting: material.outlines(design))
    return try StudyEstimate(plan).secondsLeft(by: calibration)
  }
}
