internal import Weights

extension PretrainedWeights {
  /// The extents of a map that is flattened into the rows of a fully connected layer.
  public struct FlattenedMap: Sendable, Equatable {
    /// In cells.
    public var height: Int
    /// In cells.
    public var width: Int
    /// The map's channels.
    public var channels: Int

    /// A map `[height, width, channels]`.
    public init(height: Int, width: Int, channels: Int) {
      (self.height, self.width, self.channels) = (height, width, channels)
    }
  }

  /// Writes the weights in another layout; the file appears whole or not at all.
  ///
  /// Keras flattens a map in the order height, width, channels; Caffe and torch channels, height, width. Where the two
  /// layouts differ and the file has convolutions and linear layers, `flattened` says which layer follows a flattening.
  ///
  /// - Parameters:
  ///   - layout: of the new file; any but ONNX.
  ///   - path: the file to write.
  ///   - flattened: by this file's layers, the maps that their rows come from; `[:]` says that no layer follows one.
  ///   - leaving: layers that are not written, by name or by a pattern with `*`.
  ///   - renaming: new names by this file's.
  ///   - order: the layers in the network's order, by name or by a pattern with `*`; Keras's layouts need it where this
  ///     file does not tell the order.
  /// - Throws: ``BulkheadError`` of the kind `invalid` where maps, names or the layout do not fit, `system` where the file
  ///   cannot be written.
  public func convert(
    to layout: Layout, writingTo path: String, flattened: [String: FlattenedMap]? = nil, leaving: [String] = [],
    renaming: [String: String] = [:], order: [String] = []
  ) throws(BulkheadError) {
    try translatingErrors {
      let maps = flattened?.mapValues {
        Weights.FlattenedMap(height: $0.height, width: $0.width, channels: $0.channels)
      }
      try WeightsConversion(
        of: file, to: layout.value, flattened: maps, leaving: leaving, renaming: renaming, order: order
      ).write(to: path)
    }
  }
}
