package import Kernels
package import Statistics
package import Tensors

/// What a detector is trained and judged by in the images of a batch.
package struct DetectionTargets: Sendable {
  /// One image.
  package struct Picture: Sendable {
    /// The image's index in the dataset.
    package var image: Int
    /// The file that the image came from; nil where the dataset does not say.
    package var file: String?
    /// The image as the network gets it, in pixels.
    package var extent: Extent
    /// The objects to find, where the network sees them.
    package var objects = Boxes()
    /// The network's class of each object, counted from 1; 0 is background.
    package var labels: [Int] = []
    /// Places that nothing is learned from: crowds, and regions to be ignored.
    package var ignored = Boxes()
    /// The regions to classify; nil where the network proposes them.
    package var proposals: Boxes?
    /// The objects in pixels of the image itself; their labels count the network's classes from 0.
    package var truth: [TrueObject] = []
    /// Where a box that the network sees lies in the image itself.
    package var source: @Sendable (Box) -> Box
  }

  /// The images in the order of the batch.
  package var pictures: [Picture]
}
