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
  /// layouts differ and the file has convolutions and linear layers, the network in the file or else `flattened` says which
  /// layer follows a flattening.
  ///
  /// - Parameters:
  ///   - layout: of the new file; any that is not read only.
  ///   - path: the file to write.
  ///   - flattened: by this file's layers, the maps that their rows come from; `[:]` says that no layer follows one. By
  ///     default ``flattenedMaps``.
  ///   - excluding: layers that are not written, by name or by a pattern with `*`.
  ///   - renaming: new names by this file's.
  ///   - order: the layers in the network's order, by name or by a pattern with `*`; Keras's layouts need it where this
  ///     file does not tell the order.
  /// - Returns: a table of what became of each tensor, and what was taken from the file without being asked for.
  /// - Throws: ``BulkheadError`` of the kind `invalid` where maps, names or the layout do not fit, `system` where the file
  ///   cannot be written.
  @discardableResult
  public func convert(
    to layout: Layout, writingTo path: String, flattened: [String: FlattenedMap]? = nil, excluding: [String] = [],
    renaming: [String: String] = [:], order: [String] = []
  ) throws(BulkheadError) -> String {
    try translatingErrors {
      let maps = flattened?.mapValues {
        Weights.FlattenedMap(height: $0.height, width: $0.width, channels: $0.channels)
      }
      let conversion = try WeightsConversion(
        of: file, to: layout.value, flattened: maps, excluding: excluding, renaming: renaming, order: order)
      try conversion.write(to: path)
      return conversion.report.description
    }
  }
}
