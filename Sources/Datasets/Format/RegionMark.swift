/// What a region is, other than an object of its class that is to be found.
package enum RegionMark: UInt8, Sendable, CaseIterable {
  /// Nothing else: an object.
  case object = 0
  /// An object that is hard to see; VOC's precision counts neither it nor its detections.
  case difficult
  /// Many objects of the class in one box; COCO's precision does not count detections inside it.
  case crowd
  /// A place that nobody labeled, whatever is there: detections inside it do not count, and nothing is learned from it.
  case ignored
  /// No object: the region stands for an image without any, and has no box.
  case background

  /// Whether detectors learn that an object is here.
  package var isTrained: Bool { self == .object || self == .difficult }
}
