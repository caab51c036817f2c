internal import Autodiff
internal import Kernels
package import Tensors

/// ROIPool: each region of the batch to one map of a fixed grid, `[regions, h, w, C]` (Girshick 2015).
package struct ROIPoolLayer: Layer {
  package static let kind = "roi-pool"

  package var grid: Extent

  private enum CodingKeys: String, CodingKey { case grid }

  package init(grid: Extent) { self.grid = grid }

  package init(from decoder: any Decoder) throws {
    grid = try decoder.container(keyedBy: CodingKeys.self).extent(.grid, in: 1...64)
  }

  package var title: String { "ROIPool to \(grid.height) × \(grid.width)" }
  package var poolsRegions: Bool { true }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .maps(_, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return .maps(grid, channels: channels)
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .maps(
      context.tape.roiPool(
        input.maps(context), regions: context.regions, Kernels.ROIPool(height: grid.height, width: grid.width)))
  }
}
