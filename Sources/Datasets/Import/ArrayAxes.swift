/// The order of an array's axes: N (images), H, W and, in color, C, as the program that wrote it lists them.
package struct ArrayAxes: Sendable, Equatable, CustomStringConvertible {
  /// An axis.
  enum Axis: Character, Sendable {
    case images = "N"
    case height = "H"
    case width = "W"
    case channels = "C"
  }

  let axes: [Axis]

  /// The letters.
  package var description: String { String(axes.map(\.rawValue)) }

  /// Axes by their letters, such as `NCHW` or `HWCN`, in any case; without N the images come first, as in `CHW`.
  package init?(_ letters: String) {
    let found = letters.uppercased().map(Axis.init)
    var axes = found.compactMap { $0 }
    if !axes.contains(.images) { axes.insert(.images, at: 0) }
    guard !found.contains(nil), Set(axes).count == axes.count, axes.contains(.height), axes.contains(.width) else {
      return nil
    }
    self.axes = axes
  }

  init(_ axes: [Axis]) { self.axes = axes }

  /// The axes of one image.
  var ofImage: [Axis] { axes.filter { $0 != .images } }
}
