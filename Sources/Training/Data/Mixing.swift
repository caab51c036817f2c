internal import Kernels
internal import Tensors

/// How mixup mixed the images of a batch (Zhang et al. 2018): share · own + (1 − share) · partner's.
package struct Mixing: Sendable, Equatable {
  /// The share of a sample's own image and label, 0 to 1.
  package let share: Float
  /// The dataset's sample index of each sample's partner, in the order of the samples.
  package let partners: [Int]
  /// The partners' labels in the dataset.
  package let labels: [Int]
}

extension Batch {
  /// The batch with every image mixed with another one; traps unless all have one extent and one sample each.
  ///
  /// - Parameters:
  ///   - places: of each image's partner in the batch.
  ///   - labels: of the batch's samples in the dataset.
  ///   - share: of the image itself.
  func mixed(with places: [Int], labels: [Int], share: Float) -> Batch {
    precondition(
      extents.common != nil && samples.count == extents.count, "mixed: images of several extents or with regions")
    let size = pixels.count / extents.count
    var result = Tensor(uninitialized: pixels.shape)
    pixels.withSpan { own in
      result.withMutableSpan { mixed in
        for (image, partner) in places.enumerated() {
          for index in 0..<size {
            mixed[image * size + index] =
              share * own[image * size + index] + (1 - share) * own[partner * size + index]
          }
        }
      }
    }
    return Batch(
      result, extents, scale: scale, regions, samples: samples,
      mixing: Mixing(share: share, partners: places.map { samples[$0] }, labels: places.map { labels[$0] }))
  }

  /// Some of the images of a batch with one sample each.
  func part(_ images: Range<Int>) -> Batch {
    let channels = pixels.shape[1]
    let rows = extents.starts[images.lowerBound]..<extents.starts[images.upperBound]
    var part = Tensor(uninitialized: [rows.count, channels])
    pixels.withSpan { all in
      part.withMutableSpan { part in
        for index in 0..<rows.count * channels { part[index] = all[rows.lowerBound * channels + index] }
      }
    }
    return Batch(
      part, Extents(Array(extents.maps[images])), scale: scale, (0..<images.count).map { Region(image: $0) },
      samples: Array(samples[images]),
      mixing: mixing.map {
        Mixing(share: $0.share, partners: Array($0.partners[images]), labels: Array($0.labels[images]))
      })
  }
}
