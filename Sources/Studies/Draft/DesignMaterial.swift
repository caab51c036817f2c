internal import Datasets
internal import Kernels
internal import Layers
internal import Networks
internal import Tensors
internal import Training

/// What a design is made from: the wishes, the images and the weights.
struct DesignMaterial: Sendable {
  let draft: StudyDraft
  let survey: DomainSurvey
  let shares: [DomainShares]
  let recognized: RecognizedWeights?
  let normalization: ChosenNormalization?
  /// Channels of every dataset: a network that moves between domains sees equally many.
  let channels: Int

  /// The network.
  var preset: NetworkDescription.Preset { recognized?.preset ?? draft.preset ?? .smallVGG }

  /// The path of a domain's dataset.
  func dataset(_ domain: String, _ role: DerivedDataset.Role) -> String {
    RunDirectory(draft.directory).file("data/\(domain)-\(role.rawValue).h5")
  }

  /// The extent of all images, if they have one.
  var commonExtent: Extent? {
    let all = survey.domains.flatMap(\.extents)
    return all.allSatisfy { $0 == all[0] } ? all.first : nil
  }

  /// The median over all images of the shorter side, in pixels.
  var medianSide: Int {
    let sides = survey.domains.flatMap(\.extents).map { min($0.height, $0.width) }.sorted()
    return sides.isEmpty ? 0 : sides[sides.count / 2]
  }

  /// The sides that images can be scaled to, the largest first; nil keeps their own.
  func sides() throws -> [Int?] {
    if let side = draft.side { return [side] }
    guard draft.weights != nil else {
      if let extent = commonExtent, max(extent.height, extent.width) <= 64 { return [nil] }
      return [64, 48, 32].filter { $0 <= max(32, medianSide) }
    }
    // Feature maps of 7 × 7 are what published heads stand on; half of that is a quarter of the work.
    let backbone = try NetworkDescription(preset: preset).backbone.network(channels: channels, classes: 2)
    let input = ActivationShape.maps(Extent(side: 224), channels: channels)
    guard case .maps(let map?, channels: _)? = try NetworkSummary(backbone, input: input).rows.last?.output else {
      return [224, 112]
    }
    return map.height > 10 ? [112, 64] : [224, 112]
  }

  /// The outlines that the datasets of a design will have.
  func outlines(_ design: StudyDesign) -> [String: DatasetOutline] {
    var outlines: [String: DatasetOutline] = [:]
    for (domain, shares) in zip(survey.domains, shares) {
      let classes = domain.classNames.count
      let extent = design.preparedSide.map { Extent(side: $0) } ?? domain.extents.first ?? Extent(side: 32)
      let total = domain.counts.reduce(0, +)
      let (validation, test) = (classes * shares.sourceValidation, classes * shares.sourceTest)
      outlines[dataset(domain.source.name, .target)] = DatasetOutline(
        classes: classes, channels: channels, extent: extent,
        samples: [.train: classes * shares.targetTrain, .test: classes * shares.targetTest])
      outlines[dataset(domain.source.name, .source)] = DatasetOutline(
        classes: classes, channels: channels, extent: extent,
        samples: [
          .train: total - classes * shares.target - validation - test, .validation: validation, .test: test,
        ])
    }
    return outlines
  }
}
