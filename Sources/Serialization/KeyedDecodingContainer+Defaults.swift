extension KeyedDecodingContainer {
  /// The value of a key; `fallback` if it is missing or null.
  ///
  /// - Throws: `DecodingError` for a value of the wrong type.
  package func decode<Value: Decodable>(_ key: Key, or fallback: @autoclosure () -> Value) throws -> Value {
    try decodeIfPresent(Value.self, forKey: key) ?? fallback()
  }

  /// Checks a condition on the value of a key.
  ///
  /// - Throws: `DecodingError` with `problem` if it does not hold.
  package func require(_ condition: Bool, _ key: Key, _ problem: @autoclosure () -> String) throws {
    guard condition else { throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: problem()) }
  }
}
