internal import Layers
package import Networks
internal import Support
package import Tensors

extension NetworkSummary {
  /// What a described network costs for one image.
  ///
  /// - Parameters:
  ///   - model: the model that a resolved description comes from.
  ///   - extent: of the image; by default the description's own where it fixes one, or 224 by 224 pixels.
  ///   - channels: of the image; by default the model's, or 3.
  ///   - classes: outputs of the classifier; by default the model's, or 1000.
  /// - Throws: `ShapeError` where the numbers make no network or it does not take such an image.
  package init(
    of description: NetworkDescription, model: (any ImportedModel)? = nil, extent: Extent? = nil, channels: Int? = nil,
    classes: Int? = nil
  ) throws {
    if let problem = description.problem { throw ShapeError(problem: problem.description) }
    var own: Extent?
    if case .layers(_, let size) = description.source { own = size }
    let extent = extent ?? own ?? Extent(side: 224)
    let channels = channels ?? model?.channels ?? 3
    let network = try description.network(channels: channels, classes: classes ?? model?.classes ?? 1000)
    try self.init(network, input: .maps(extent, channels: channels))
  }
}
