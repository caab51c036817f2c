internal import Datasets
internal import Kernels
internal import Layers
package import Networks
package import Tensors

/// What a configuration's network is fed with: the first image of its dataset, as in evaluation, and its classes.
package struct NetworkInput {
  /// The configuration's network; on feature maps its head alone.
  package let network: NetworkDescription
  /// Of the image or feature map.
  package let extent: Extent
  /// Of the image or feature map.
  package let channels: Int
  /// The dataset's.
  package let classes: Int
  /// Whether other images of the dataset have another size.
  package let hasOtherSizes: Bool

  /// - Throws: `FileError` where the dataset cannot be read, `TrainingError` where the data settings do not fit it.
  package init(_ network: NetworkDescription, _ data: DataConfiguration) throws {
    let dataset = try Dataset(opening: data.path, memoryLimit: 0)
    func given(_ index: Int) -> Extent {
      let own = dataset.extent(ofImage: index)
      return dataset.header.features == nil ? data.evaluationTransform(of: own).extent(of: own) : own
    }
    let features = try FeatureBackbone(of: dataset)
    self.network = features.map { network.onFeatures(imageChannels: $0.channels) } ?? network
    let first = given(0)
    (extent, channels, classes) = (first, try data.channels(of: dataset), dataset.classNames.count)
    hasOtherSizes = (1..<dataset.imageCount).contains { given($0) != first }
  }
}
