package import Datasets
internal import Kernels
internal import Statistics
internal import Tensors

extension Detection {
  /// A batch's images of a dataset with the regions to classify, without objects and ground truth.
  func pictures(of batch: Batch, in dataset: Dataset) -> [DetectionTargets.Picture] {
    batch.sources.enumerated().map { place, source in
      let map = batch.extents.maps[place]
      // Of a feature map the image's extent is known to a position.
      let extent =
        batch.scale == 1
        ? map
        : Extent(
          height: Int((Float(map.height) / batch.scale).rounded()),
          width: Int((Float(map.width) / batch.scale).rounded()))
      let (transform, own) = (source.transform, source.extent)
      return DetectionTargets.Picture(
        image: source.image, file: dataset.fileName(of: source.image), extent: extent,
        proposals: regions(
          over: extent,
          given: settings.proposals == .dataset
            ? transform.proposals(dataset.proposals(ofImage: source.image), of: own).boxes : []),
        source: { transform.source(of: $0, in: own) })
    }
  }

  /// The regions to classify in an image; nil where the network proposes them.
  ///
  /// - Parameter given: proposals in pixels of the image, for a detector that takes them.
  func regions(over extent: Extent, given: [Box]) -> Boxes? {
    let smallest = Float(settings.anchors.smallest)
    switch settings.proposals {
    case .network: return nil
    case .dataset:
      let boxes = Boxes(given).clipped(to: extent)
      return boxes.selected(boxes.indices(atLeast: smallest))
    case .grid: return anchors.grid(over: extent, stride: settings.anchors.stride, atLeast: smallest)
    }
  }

  /// The objects, proposals and ground truth of a batch's images.
  package func targets(of batch: Batch, in dataset: Dataset) -> DetectionTargets {
    var pictures = pictures(of: batch, in: dataset)
    for (sample, region) in zip(batch.samples, batch.regions) {
      let mark = dataset.mark(of: sample)
      guard mark != .background else { continue }
      let source = batch.sources[region.image]
      let whole = pictures[region.image].extent
      let seen =
        region.box ?? Box(x1: 0, y1: 0, x2: Float(whole.width) - 1, y2: Float(whole.height) - 1)
      let own =
        dataset.box(of: sample)
        ?? Box(x1: 0, y1: 0, x2: Float(source.extent.width) - 1, y2: Float(source.extent.height) - 1)
      let label = correspondence.outputs[dataset.label(of: sample)]
      pictures[region.image].add(
        Boxes([seen]), own: ObjectBox(own), label: label.flatMap { judged.contains($0) ? $0 : nil }, mark,
        classes: classNames.count)
    }
    return DetectionTargets(pictures: pictures)
  }
}

extension DetectionTargets.Picture {
  /// Adds a region of the image.
  ///
  /// - Parameter label: the network's class, counted from 0; nil where it has none.
  fileprivate mutating func add(
    _ box: Boxes, own: ObjectBox, label: Int?, _ mark: RegionMark, classes: Int
  ) {
    if mark == .ignored {
      ignored.append(box)
      truth += (0..<classes).map { TrueObject(image: image, label: $0, box: own, isCrowd: true) }
      return
    }
    guard let label else { return }
    truth.append(
      TrueObject(
        image: image, label: label, box: own, isDifficult: mark == .difficult, isCrowd: mark == .crowd))
    guard mark.isTrained else {
      ignored.append(box)
      return
    }
    objects.append(box)
    labels.append(label + 1)
  }
}
