internal import Kernels
internal import Layers
internal import Storage

extension Network {
  /// Throws `TrainingError` unless the network takes the samples' images at every side length; none keeps their own.
  func requireFit(of samples: [Int], in dataset: Dataset, sides: [Int]) throws(TrainingError) {
    let own = sides.isEmpty ? samples.map { dataset.extents(ofImage: dataset.imageIndex(of: $0)) } : []
    let extents = Set(
      sides.map { Extent(height: $0, width: $0) } + own.map { Extent(height: $0.height, width: $0.width) })
    for extent in extents {
      do {
        _ = try outputShapes(of: .maps(extent, channels: dataset.channels))
      } catch {
        throw TrainingError(
          "\(dataset.path): the network does not take its images: \(error); scale them up with data.sizes")
      }
    }
  }
}
