import Autodiff
import Kernels

/// Concatenates the outputs of several branches of one input: `[N, H, W, a]`, `[N, H, W, b]` → `[N, H, W, a + b]`.
///
/// Maps are concatenated along their channels, features along their features; an empty branch is the identity (Szegedy et
/// al. 2015; Huang et al. 2017). The path of the layer prefixes the names of its branches' parameters.
package struct ConcatenationLayer: Layer {
  /// `concatenation` in a configuration.
  package static let kind = "concatenation"

  /// The chains; each gets the input of the layer.
  package var branches: [[LayerDescription]]

  private enum CodingKeys: String, CodingKey { case branches }

  /// A concatenation of one branch or more.
  package init(branches: [[LayerDescription]]) {
    precondition(!branches.isEmpty, "ConcatenationLayer: no branches")
    self.branches = branches
  }

  /// Decodes `branches`, a list of lists of layers.
  ///
  /// - Throws: `DecodingError` for no branch, and what the layers throw.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let branches = try values.decode([[LayerDescription]].self, forKey: .branches)
    guard !branches.isEmpty else {
      throw DecodingError.dataCorruptedError(
        forKey: .branches, in: values, debugDescription: "expected one branch or more")
    }
    self.init(branches: branches)
  }

  /// In a table of layers.
  package var title: String { "concatenation" }
  /// Whether every layer of every branch is spatial.
  package var isSpatial: Bool { branches.joined().allSatisfy(\.layer.isSpatial) }
  /// Its branches one after another.
  package var operation: LayerOperation? { .concatenation }
  /// The branches.
  package var chains: [[LayerDescription]] { branches }

  /// The layer with open outputs in its branches set to the number of classes.
  package func resolved(classes: Int) -> ConcatenationLayer {
    ConcatenationLayer(branches: branches.map { $0.resolved(classes: classes) })
  }

  /// The extent of the branches with their channels (or features) added up.
  ///
  /// - Throws: `ShapeError` if the branches end in different extents, or in maps and features.
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
          problem: "layer \(name) concatenates \(result.words) and \(end.words); expected features only, or maps of "
            + "one extent")
      }
    }
    return result ?? input
  }

  /// The parameters of all branches, in order.
  package func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    chains.flatMap { $0.parameters(of: input) }
  }

  /// The outputs of the branches, concatenated along the channels or features.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    let ends = branches.map { $0.forward(input, context) }
    guard case .maps(let first) = ends[0] else {
      return .features(context.tape.concatenation(ends.map { $0.features(context) }))
    }
    let maps = ends.map { $0.maps(context) }
    precondition(
      maps.allSatisfy { $0.extents == first.extents }, "layer \(context.path) concatenates maps of different extents")
    return .maps(
      FeatureMaps(context.tape.concatenation(maps.map(\.variable)), first.extents, spatialScale: first.spatialScale))
  }
}
