internal import Datasets
internal import Images
internal import Support
internal import Tensors
internal import Training

/// What augmentation does to a training picture, and the feature maps of a chosen one.
struct RunPictures {
  let measurement: RunMeasurement
  private var data: DataConfiguration { measurement.state.configuration.data }

  /// Renditions that are shown.
  static let renditions = 7
  /// Channels of each layer that are shown.
  static let channels = 12

  /// One training picture as the run's first epochs have it; empty where nothing is drawn at random.
  var augmentation: String {
    guard data.augment != nil || data.sizes.count > 1 else {
      return Markup.paragraph("The run draws nothing at random: every epoch has the same pictures.")
    }
    let dataset: Dataset
    switch measurement.own {
    case .failure(let missing): return Markup.paragraph("Not shown: \(missing.reason)")
    case .success(let own): dataset = own
    }
    guard dataset.header.features == nil else { return "" }
    let seed = measurement.state.configuration.seed
    do {
      let training = try SampleChoice(of: dataset, as: data, seed: seed).training
      let index = dataset.imageIndex(of: training[0])
      let image = try dataset.image(at: index)
      let boxes = training.filter { dataset.imageIndex(of: $0) == index }.map(dataset.box(of:))
      let name = dataset.fileName(of: index) ?? "image \(index)"
      func card(_ title: String, _ transform: ImageTransform) -> Gallery.Card {
        let moved = boxes.compactMap { $0.flatMap { transform.box($0, of: image.extent) } }
        let seen = transform.image(image)
        return Gallery.Card(
          picture: Picture(
            seen, "The picture \(name) as \(title) has it",
            frames: moved.map { .init(box: $0, kind: .truth, tip: "object") }, longest: 160),
          lines: [title, "\(seen.width) × \(seen.height) pixels"])
      }
      let cards =
        [card("evaluation", data.evaluationTransform(of: image.extent))]
        + (0..<Self.renditions).map { epoch in
          card(
            "epoch \(epoch + 1)",
            data.trainingTransform(of: image.extent, boxes: boxes, seed: seed, epoch: epoch, image: index))
        }
      return Markup.paragraph(
        "The first training picture, \(name), as evaluation has it and as the first epochs of this run have it."
          + (data.augment?.mixup == nil ? "" : " Mixup, which adds another picture of the batch to it, is not shown."),
        style: "dim") + Gallery(size: .small, cards: cards).html
    } catch { return Markup.paragraph("Not shown: \(error)") }
  }

  /// Feature maps of the chosen picture; nil where none is asked for.
  ///
  /// - Throws: `TrainingError` where the network does not take the picture, `FileError` where it cannot be read.
  func featureMaps() throws -> String? {
    guard let index = measurement.options.picture else { return nil }
    let dataset = measurement.dataset
    let name = measurement.name(ofImage: index)
    let layers = try measurement.evaluator.layerMaps(ofImage: index, in: dataset, limit: Self.channels)
    var body = ""
    if dataset.header.features == nil {
      let image = try dataset.image(at: index)
      let seen = data.evaluationTransform(of: image.extent).image(image)
      body +=
        Gallery(
          size: .small,
          cards: [
            .init(
              picture: Picture(seen, "The picture \(name) as evaluation has it", longest: 320),
              lines: [name, "\(seen.width) × \(seen.height) pixels"])
          ]
        ).html
    }
    guard !layers.isEmpty else {
      return body + Markup.paragraph("The network has no layers of feature maps over its input.")
    }
    body += Markup.paragraph(
      "At the end of each scale of the backbone, at most \(Self.channels) channels whose values vary most over the picture; "
        + "each from its least value (black) to its largest (white).", style: "dim")
    for layer in layers {
      let (height, width) = (layer.extent.height, layer.extent.width)
      let cards = layer.channels.map { channel in
        let (low, high) = (channel.values.min() ?? 0, channel.values.max() ?? 0)
        let pixels = channel.values.map { value in
          let share = high > low ? (value - low) / (high - low) : 0
          return share.isFinite ? UInt8(max(0, min(255, (255 * share).rounded()))) : 0
        }
        return Gallery.Card(
          picture: Picture(
            Image(height: height, width: width, channels: 1, pixels: pixels),
            "Channel \(channel.index) of \(layer.path)", longest: 160),
          lines: ["channel \(channel.index)"])
      }
      body += "<h3>\(Markup.escaped(layer.path)), \(height) × \(width), \(layer.channelCount) channels</h3>\n"
      body += Gallery(size: .small, cards: cards).html
    }
    return body
  }
}
