internal import Kernels
internal import Tensors

/// The regions of a step: a random choice of each image's proposals and objects, with what they are trained as.
struct SampledRegions {
  /// The regions with the index of their image.
  var regions: [Region] = []
  /// The class of each, counted from 1; 0 is background.
  var labels: [Int] = []
  /// The regions of objects, by their place among all.
  var foreground: [Int] = []
  /// Four deltas for each of `foreground`.
  var targets: [Float] = []

  /// A choice of some images' regions; of one without any that fits the first object, or else the first region as background.
  init(
    of pictures: [DetectionTargets.Picture], proposals: [Boxes], _ settings: DetectionConfiguration,
    drawing stream: inout RandomStream
  ) {
    let background = settings.backgroundOverlap.map { Float($0) }
    let matching = BoxMatching(
      foreground: Float(settings.foregroundOverlap), background: background[0]..<background[1])
    let sampling = RegionSampling(
      count: settings.regionsPerImage, foregroundFraction: settings.foregroundFraction)
    for (image, picture) in pictures.enumerated() {
      var boxes = proposals[image]
      boxes.append(picture.objects)
      if boxes.isEmpty {
        boxes = Boxes(edges: [0, 0, Float(picture.extent.width), Float(picture.extent.height)])
      }
      let matches = picture.matches(of: boxes, by: matching)
      var chosen = sampling.chosen(matches, drawing: &stream)
      if chosen.isEmpty { chosen = [matches.firstIndex { $0 != .background && $0 != .ignored } ?? 0] }
      for index in chosen {
        regions.append(Region(image: image, box: boxes[index]))
        guard case .object(let object) = matches[index] else {
          labels.append(0)
          continue
        }
        foreground.append(labels.count)
        labels.append(picture.labels[object])
        targets += BoxCoder.regions.deltas(from: boxes.selected([index]), to: picture.objects.selected([object]))
      }
    }
  }
}
