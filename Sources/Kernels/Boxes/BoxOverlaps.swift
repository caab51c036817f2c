import CKernels
package import Tensors

/// Intersection over union of boxes.
package enum BoxOverlaps {
  /// The intersection over union of every pair, `[first, second]`; of two boxes without area: 0.
  ///
  /// Source: torchvision `ops.box_iou`, which gives NaN for two boxes without area.
  package static func matrix(_ first: Boxes, _ second: Boxes) -> Tensor {
    var overlaps = Tensor(uninitialized: [first.count, second.count])
    guard !first.isEmpty, !second.isEmpty else { return overlaps }
    let planes = second.planes(Array(second.indices))
    let columns = second.count
    overlaps.withUnsafeMutablePointer { overlaps in
      planes.withUnsafeBufferPointer { planes in
        nonisolated(unsafe) let (base, output) = (planes.baseAddress!, overlaps)
        Tiling.ranges(of: first.count, each: Tiling.rows(ofChannels: columns)) { rows in
          for row in rows {
            let box = [first.left(row), first.top(row), first.right(row), first.bottom(row), first.area(row)]
            kernel_box_overlaps(base, Int64(columns), box, 0, Int64(columns), output + row * columns)
          }
        }
      }
    }
    return overlaps
  }
}
