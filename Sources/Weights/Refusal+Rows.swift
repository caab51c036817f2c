extension Refusal {
  /// Of a layer whose rows are the positions of a map in another order than the layouts have.
  static func permutedRows(of layer: String) -> Refusal {
    Refusal(
      what: "the network in the file permutes the axes of a map before its flattening into \(layer)",
      expected: "positions in the order (height, width, channels) or (channels, height, width)",
      action:
        "take the permutation out of the network and arrange the rows of \(layer)'s weight to match, reinitialize "
        + "\(layer), or set weights.flattenOrder to load it as it is")
  }

  /// Of a layer whose rows are in the other order than those of another layer.
  static func mixedRows(of layer: String, and other: String) -> Refusal {
    Refusal(
      what: "\(other) and \(layer) have the positions of flattened maps in different orders", expected: "one order",
      action: "save the parts of the network in files of their own, or reinitialize \(layer)")
  }

  /// Of a layer whose output goes through arithmetic with constants.
  static func arithmetic(_ operation: String, after layer: String) -> Refusal {
    Refusal(
      what:
        "the network in the file puts the output of \(layer) through \(operation) with a constant, which no layer here does",
      action: "fold it into the weights of \(layer) and export the network again (with folding of constants), or "
        + "reinitialize \(layer)")
  }
}
