package import Networks
package import Support

extension KerasModel {
  /// Reads the model of a file.
  ///
  /// - Throws: `FileError` where the file cannot be read or has no model, or one with layers that are not known.
  package init(opening path: String) throws(FileError) {
    guard let json = try WeightsFile(opening: path).note("model_config") else {
      throw FileError(
        what: "it holds weights and no model", path: path, expected: "an attribute model_config at its root",
        action: "save the whole model with Keras's save, or write the network as layers")
    }
    try self.init(json: json, path: path)
  }
}
