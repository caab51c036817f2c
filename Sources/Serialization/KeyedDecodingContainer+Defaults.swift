extension KeyedDecodingContainer {
  /// The value of a key, or `fallback` where it is missing or null.
  package func decode<Value: Decodable>(_ key: Key, or fallback: @autoclosure () -> Value) throws -> Value {
    try decodeIfPresent(Value.self, forKey: key) ?? fallback()
  }

  /// Throws unless `condition` holds for the value of a key.
  package func require(_ condition: Bool, _ key: Key, _ problem: @autoclosure () -> String) throws {
    guard condition else { throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: problem()) }
  }
}
