import Autodiff
import Kernels

/// The outputs of several chains over one input, concatenated: `[N, H, W, a]`, `[N, H, W, b]` → `[N, H, W, a + b]`.
///
/// Maps are concatenated by their channels, features by their features; an empty branch is the input itself
/// (Szegedy et al. 2015; Huang et al. 2017). The layers' parameters lie under its own path.
package struct ConcatenationLayer: Layer {
  package static let kind = "concatenation"

  package var branches: [[LayerDescription]]

  private enum CodingKeys: String, CodingKey { case branches }

  /// A concatenation of one branch or more.
  package init(branches: [[LayerDescription]]) {
    precondition(!branches.isEmpty, "ConcatenationLayer: no branches")
    self.branches = branches
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let branches = try values.decode([[LayerDescription]].self, forKey: .branches)
    guard !branches.isEmpty else {
      throw DecodingError.dataCorruptedError(
        forKey: .branches, in: values, debugDescription: "expected one branch or more")
    }
    self.init(branches: branches)
  }

  package var title: String { "concatenation" }
  package var isSpatial: Bool { branches.joined().allSatisfy(\.layer.isSpatial) }
  package var chains: [[LayerDescription]] { branches }

  package func resolved(classes: Int) -> ConcatenationLayer {
    ConcatenationLayer(branches: branches.map { $0.resolved(classes: classes) })
  }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    var result: ActivationShape?
    for branch in branches {
      let end = try branch.outputShapes(of: input, under: name).last ?? input
      switch (result, end) {
      case (nil, _): result = end
      case (.maps(let extent, let channels), .maps(let other, let more)) where extent == other:
        result = .maps(extent, channels: channels + more)
      case (.features(let features), .features(let more)): result = .features(features + more)
      case (let result?, _):
        throw ShapeError(
          problem: "layer \(name) concatenates \(result.words) and \(end.words); expected features alone, or maps of "
            + "one extent")
      }
    }
    return result ?? input
  }

  package func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    chains.flatMap { $0.parameters(of: input) }
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    let ends = branches.map { $0.forward(input, context) }
    guard case .maps(let first) = ends[0] else {
      return .features(context.tape.concatenation(ends.map { $0.features(context) }))
    }
    let maps = ends.map { $0.maps(context) }
    precondition(
      maps.allSatisfy { $0.extents == first.extents }, "layer \(context.path) concatenates maps of several extents")
    return .maps(
      FeatureMaps(context.tape.concatenation(maps.map(\.variable)), first.extents, spatialScale: first.spatialScale))
  }
}
