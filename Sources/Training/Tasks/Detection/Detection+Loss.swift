package import Autodiff
internal import Kernels
internal import Layers
package import Networks
internal import Tensors

extension Detection {
  /// The number of images.
  package func weight(of batch: TaskBatch<Self>) -> Double { Double(batch.targets.pictures.count) }

  /// The losses of sampled regions and, of a network that makes proposals, of sampled anchors.
  ///
  /// Proposals are constants: no gradient flows from the regions to where they lie (approximate joint training). Regions are
  /// drawn from the tape's seed.
  package func loss(of batch: TaskBatch<Self>, through network: Network, on tape: Tape) -> TaskLoss {
    var stream = RandomStream(seed: tape.nextSeed(), keys: RandomStream.key("regions"))
    let pictures = batch.targets.pictures
    let end = network.trunkOutput(of: batch.input.maps(on: tape), on: tape)
    let (proposals, proposed) = proposals(of: pictures, network, end, on: tape)
    let proposalLoss = proposed.map { output in
      proposalNetwork.loss(output, pictures, on: tape, drawing: &stream)
    }
    let sample = SampledRegions(of: pictures, proposals: proposals, settings, drawing: &stream)
    let outputs = network.outputs(
      [NetworkOutputs.main, DetectorOutputs.boxes], from: end, regions: sample.regions, on: tape)
    let logits = outputs.logits
    let classLoss = tape.softmaxCrossEntropy(logits, labels: sample.labels)
    let boxLoss = tape.smoothL1(
      outputs.features(DetectorOutputs.boxes), at: deltaPlaces(of: sample), targets: sample.targets,
      .init(beta: Float(settings.beta)), factor: Float(settings.boxLossWeight) / Float(max(sample.labels.count, 1)))
    var loss = tape.sum(classLoss, boxLoss)
    if let proposalLoss { loss = tape.sum(loss, proposalLoss) }
    return TaskLoss(
      loss,
      counts: [
        "regions": Double(sample.labels.count), "objects": Double(sample.foreground.count),
        "recognized": Double(recognized(logits.value, sample)),
      ])
  }

  /// The share of objects among sampled regions, and the share of these that are recognized.
  package func trainingMetrics(counts: [String: Double], samples: Int) -> [String: Double] {
    let (regions, objects) = (counts["regions", default: 0], counts["objects", default: 0])
    return [
      "objectShare": objects / max(regions, 1), "recognized": counts["recognized", default: 0] / max(objects, 1),
    ]
  }

  var proposalNetwork: ProposalNetwork {
    ProposalNetwork(settings: settings.network, anchors: anchors, smallest: Float(settings.anchors.smallest))
  }

  /// The regions to classify in each image, and what the region proposal network gave for them; nil where there is none.
  func proposals(
    of pictures: [DetectionTargets.Picture], _ network: Network, _ end: Activation, on tape: Tape
  ) -> ([Boxes], ProposalNetwork.Output?) {
    guard settings.proposals == .network else { return (pictures.map { $0.proposals ?? Boxes() }, nil) }
    let given = network.outputs(
      [DetectorOutputs.objectness, DetectorOutputs.deltas], from: end, regions: [], on: tape)
    let output = proposalNetwork.output(given.maps(DetectorOutputs.objectness), given.maps(DetectorOutputs.deltas))
    let boxes = proposalNetwork.proposals(output, images: pictures.map(\.extent), isTraining: tape.isTraining)
    return (boxes, output)
  }

  /// The first of the four deltas that a region has for a class, counted from 0.
  func deltaPlace(ofRegion region: Int, label: Int) -> Int {
    settings.boxes == .perClass ? 4 * (region * classNames.count + label) : 4 * region
  }

  private func deltaPlaces(of sample: SampledRegions) -> [Int] {
    sample.foreground.flatMap { region in
      let first = deltaPlace(ofRegion: region, label: sample.labels[region] - 1)
      return first..<first + 4
    }
  }

  private func recognized(_ logits: Tensor, _ sample: SampledRegions) -> Int {
    let values = logits.values
    return sample.foreground.count { region in
      let row = values[region * outputs..<(region + 1) * outputs]
      return row.indices.max { row[$0] < row[$1] } == row.startIndex + sample.labels[region]
    }
  }
}

extension NetworkOutputs {
  /// An output of features; traps if there is none of that name.
  func features(_ name: String) -> Variable {
    guard case .features(let features)? = self[name] else { preconditionFailure("Detection: no output \(name)") }
    return features
  }

  /// An output of maps; traps if there is none of that name.
  func maps(_ name: String) -> FeatureMaps {
    guard case .maps(let maps)? = self[name] else { preconditionFailure("Detection: no output \(name)") }
    return maps
  }
}
