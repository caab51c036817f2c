/// How the numbers of an array become images.
package struct ArrayReading: Sendable, Equatable {
  /// The extents of an image; needed for flat rows unless they are square gray images.
  package var layout: ImageLayout?
  /// The order of the axes; told by their extents if `nil`, where only one order is possible.
  package var axes: ArrayAxes?
  /// The number that is black, 0 if `nil`.
  package var minimum: Double?
  /// The number that is white; told by the type and range of all values if this and `minimum` are `nil`.
  package var maximum: Double?
  /// The label of the first class; 0 if `nil`, or 1 in MATLAB's arrays without a label of 0.
  package var firstLabel: Int?

  /// How to read an array's numbers; by default as type, range and extents tell.
  package init(
    layout: ImageLayout? = nil, axes: ArrayAxes? = nil, minimum: Double? = nil, maximum: Double? = nil,
    firstLabel: Int? = nil
  ) {
    (self.layout, self.axes, self.minimum, self.maximum) = (layout, axes, minimum, maximum)
    self.firstLabel = firstLabel
  }
}
