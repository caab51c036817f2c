internal import Layers
internal import Networks
internal import Support
internal import Tensors
internal import Training

/// How far training moved each layer's weights from where the run began.
struct RunDrift {
  /// One layer.
  struct Layer {
    var path: String
    /// ‖w − w₀‖ / ‖w₀‖.
    var drift: Double
    /// Whether w₀ was loaded, not drawn.
    var isLoaded: Bool
  }

  let layers: [Layer]

  /// - Throws: as `InitialWeights`.
  init(_ measurement: RunMeasurement, layers registry: LayerRegistry) throws {
    if case .failure(let missing) = measurement.own { throw missing }
    let first = try InitialWeights(of: measurement.state.configuration, layers: registry)
    let network = measurement.evaluator.evaluator.network
    let parameters = measurement.evaluator.evaluator.parameters
    layers = network.parameters.filter { $0.isTrained && $0.name.hasSuffix(".weight") }.compactMap { one in
      guard let now = parameters[one.name], let drift = first.parameters[one.name].flatMap(now.relativeChange) else {
        return nil
      }
      return Layer(
        path: String(one.name.dropLast(".weight".count)), drift: drift, isLoaded: first.loaded.contains(one.name))
    }
  }

  /// Names of layers are shown along the axis up to this number.
  private static let mostNames = 40

  var figure: Figure? {
    guard !layers.isEmpty else { return nil }
    let series = [("loaded weights", true), ("newly initialized", false)].enumerated().compactMap {
      place, kind -> Plot.Series? in
      let points = layers.enumerated().filter { $0.element.isLoaded == kind.1 }.map { index, layer in
        Plot.Point(x: Double(index + 1), y: layer.drift, text: layer.path)
      }
      return points.isEmpty ? nil : Plot.Series(name: kind.0, look: SVG.Look(arm: place), points: points)
    }
    let plot = Plot(
      title: "Drift of weights by layer", xLabel: "layer, from the image up", yLabel: "‖w − w₀‖ / ‖w₀‖", series: series,
      scale: layers.count <= Self.mostNames ? .names(layers.map(\.path)) : .linear, hasZeroLine: true, digits: 4,
      xDigits: 0)
    let isScratch = !layers.contains(where: \.isLoaded)
    return Figure(
      "drift", plot,
      caption: "w₀ are the weights that the run began with"
        + (isScratch ? ", drawn by its seed." : ": those of its file, or, of new layers, drawn by its seed."))
  }
}
