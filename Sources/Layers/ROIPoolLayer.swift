internal import Autodiff
internal import Kernels
package import Tensors

/// ROIPool: pools each region of the batch to a map of a fixed grid, `[regions, h, w, C]` (Girshick 2015).
package struct ROIPoolLayer: Layer {
  /// `roi-pool` in a configuration.
  package static let kind = "roi-pool"

  /// Rows and columns of bins per region.
  package var grid: Extent

  private enum CodingKeys: String, CodingKey { case grid }

  /// ROIPool to a grid of bins.
  package init(grid: Extent) { self.grid = grid }

  /// Decodes `grid`, a number or `[height, width]`.
  ///
  /// - Throws: `DecodingError` if it is missing or a side is outside 1 … 64.
  package init(from decoder: any Decoder) throws {
    grid = try decoder.container(keyedBy: CodingKeys.self).extent(.grid, in: 1...64)
  }

  /// In a table of layers: the grid.
  package var title: String { "ROIPool to \(grid.height) × \(grid.width)" }
  /// Pooling of regions.
  package var operation: LayerOperation? { .named("pooling of regions") }
  /// True.
  package var poolsRegions: Bool { true }

  /// Maps of the grid, with the channels of the input.
  ///
  /// - Throws: `ShapeError` for features.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .maps(_, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return .maps(grid, channels: channels)
  }

  /// One map per region of the batch; see `Kernels.ROIPool`.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .maps(
      context.tape.roiPool(
        input.maps(context), regions: context.regions, Kernels.ROIPool(height: grid.height, width: grid.width)))
  }
}
