package import Datasets
internal import Kernels
package import Statistics
package import Tensors

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
      let whole = pictures[region.image].extent
      let seen =
        region.box ?? Box(x1: 0, y1: 0, x2: Float(whole.width) - 1, y2: Float(whole.height) - 1)
      let extent = batch.sources[region.image].extent
      pictures[region.image].truth += truth(ofSample: sample, in: dataset, extent: extent)
      pictures[region.image].add(Boxes([seen]), label: label(of: sample, in: dataset), mark)
    }
    return DetectionTargets(pictures: pictures)
  }

  /// The network's class of a sample, counted from 0; nil where it has none or is not judged.
  private func label(of sample: Int, in dataset: Dataset) -> Int? {
    correspondence.outputs[dataset.label(of: sample)].flatMap { judged.contains($0) ? $0 : nil }
  }

  /// The object that a sample is, in pixels of its image: none where its class is not judged, and one for every class where it
  /// is a place to be ignored.
  ///
  /// - Parameter extent: of the image, for a sample without a box; on feature maps their own.
  package func truth(ofSample sample: Int, in dataset: Dataset, extent: Extent) -> [TrueObject] {
    let (image, mark) = (dataset.imageIndex(of: sample), dataset.mark(of: sample))
    guard mark != .background else { return [] }
    let box = ObjectBox(
      dataset.box(of: sample) ?? Box(x1: 0, y1: 0, x2: Float(extent.width) - 1, y2: Float(extent.height) - 1))
    if mark == .ignored {
      return classNames.indices.map { TrueObject(image: image, label: $0, box: box, isCrowd: true) }
    }
    return label(of: sample, in: dataset).map {
      [TrueObject(image: image, label: $0, box: box, isDifficult: mark == .difficult, isCrowd: mark == .crowd)]
    } ?? []
  }
}

extension DetectionTargets.Picture {
  /// Adds a region of the image.
  ///
  /// - Parameter label: the network's class, counted from 0; nil where it has none.
  fileprivate mutating func add(_ box: Boxes, label: Int?, _ mark: RegionMark) {
    if mark == .ignored {
      ignored.append(box)
      return
    }
    guard let label else { return }
    guard mark.isTrained else {
      ignored.append(box)
      return
    }
    objects.append(box)
    labels.append(label + 1)
  }
}
