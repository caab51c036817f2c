extension [String] {
  /// The names, separated by commas; of many the first 20 and the number of the others.
  package var listed: String {
    count <= 20 ? joined(separator: ", ") : prefix(20).joined(separator: ", ") + " and \(count - 20) more"
  }
}
