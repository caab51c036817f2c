internal import Serialization
internal import Support

/// The numbers that become black, 0, and white, 255.
struct SampleScale: Sendable, Equatable {
  let black: Double
  let white: Double

  /// A number as an 8-bit sample; `nil` outside black … white.
  func sample(_ number: Double) -> UInt8? {
    number >= black && number <= white ? UInt8(((number - black) * 255 / (white - black)).rounded()) : nil
  }

  /// Numbers as 8-bit samples; `nil` if one is outside black … white.
  func samples(_ block: NumberBlock) -> [UInt8]? {
    switch block {
    case .bytes(let bytes):
      if self == SampleScale(black: 0, white: 255) { return bytes }
      let table = (0...255).map { sample(Double($0)) }
      let samples = bytes.compactMap { table[Int($0)] }
      return samples.count == bytes.count ? samples : nil
    case .numbers(let numbers):
      let samples = numbers.compactMap(sample)
      return samples.count == numbers.count ? samples : nil
    }
  }
}

/// The range of all values of a source, by which black and white are found.
struct ValueSurvey: Sendable {
  private(set) var lowest = Double.infinity
  private(set) var highest = -Double.infinity
  private(set) var isWhole = true
  /// The first image with a value that is no number, and that value.
  private(set) var notFinite: (image: Int, value: Double)?

  /// Adds values of an image, or of several from it on.
  mutating func add(_ block: NumberBlock, image: Int) {
    switch block {
    case .bytes(let bytes):
      guard let least = bytes.min(), let most = bytes.max() else { return }
      lowest = min(lowest, Double(least))
      highest = max(highest, Double(most))
    case .numbers(let numbers): for number in numbers { add(number, image: image) }
    }
  }

  /// Adds what another survey found.
  mutating func add(_ other: ValueSurvey) {
    (lowest, highest) = (min(lowest, other.lowest), max(highest, other.highest))
    isWhole = isWhole && other.isWhole
    notFinite = notFinite ?? other.notFinite
  }

  /// Adds a value.
  mutating func add(_ number: Double, image: Int) {
    guard number.isFinite else {
      if notFinite == nil { notFinite = (image, number) }
      return
    }
    if number < lowest { lowest = number }
    if number > highest { highest = number }
    if isWhole, number != number.rounded() { isWhole = false }
  }

  /// Adds the values of all images of an array, block by block.
  mutating func add(
    _ array: some NumberArray, _ arrangement: ImageArrangement, _ workplace: ImportWorkplace
  ) throws(FileError) {
    let step = arrangement.imagesPerBlock
    for first in stride(from: 0, to: arrangement.count, by: step) {
      try workplace.check()
      let (offset, count) = arrangement.block(of: first..<min(arrangement.count, first + step))
      add(try array.block(at: offset, of: count), image: first)
    }
  }

  /// Black and white: those asked for, else what type and range of the values tell beyond doubt.
  ///
  /// Bytes, and whole numbers or floats from 0 to 255, are 0 to 255; numbers of 16 bits beyond 32,767 are 0 to 65,535; truth
  /// values are black and white.
  /// - Parameter element: the type of the values; `nil` for text, where whole numbers count as integers.
  /// - Throws: `FileError` for NaN, for values outside the range asked for, and for a range that does not tell.
  func scale(
    _ element: NumberType?, _ reading: ArrayReading, path: String
  ) throws(FileError) -> (scale: SampleScale, remark: String) {
    let isFloat = element?.isFloat ?? !isWhole
    let type = element?.rawValue ?? (isWhole ? "whole numbers" : "decimal numbers")
    func refusal(_ problem: String, expected: String, action: String) -> FileError {
      FileError(what: problem, path: path, expected: expected, action: action)
    }
    if let notFinite {
      throw refusal(
        "value \(notFinite.value) in image \(notFinite.image)", expected: "numbers", action: "correct or leave it out")
    }
    let range = "samples \(lowest.plain) to \(highest.plain) of \(type)"
    func taken(_ black: Double, _ white: Double, _ more: String = "") -> (scale: SampleScale, remark: String) {
      let text = "\(path): \(range); black \(black.plain), white \(white.plain)\(more)"
      return (SampleScale(black: black, white: white), text)
    }
    if reading.minimum != nil || reading.maximum != nil {
      let (black, white) = (reading.minimum ?? 0, reading.maximum ?? 255)
      guard black < white, black.isFinite, white.isFinite else {
        throw refusal(
          "a minimum of \(black.plain) and a maximum of \(white.plain)", expected: "a minimum below the maximum",
          action: "correct --minimum or --maximum")
      }
      guard lowest >= black, highest <= white else {
        throw refusal(
          range, expected: "\(black.plain) to \(white.plain)",
          action: "set the numbers of black and white with --minimum and --maximum")
      }
      return taken(black, white)
    }
    let say = "say which numbers are black and white with --minimum and --maximum"
    if element == .bool { return taken(0, 1) }
    if element == .int8 || lowest < 0 {
      let example = isFloat && lowest >= -1 && highest <= 1 ? ", such as --minimum=-1 --maximum 1" : ""
      throw refusal(range, expected: "numbers from 0 on, or the range of the samples", action: say + example)
    }
    if highest <= 1 {
      throw refusal(
        range, expected: "samples up to 255: none is above 1",
        action: "say that 1 is white with --maximum 1, or that 255 is with --maximum 255")
    }
    if isFloat, highest <= 16 {
      throw refusal(
        range, expected: "samples up to 255: none is above \(highest.plain)",
        action: "say which number is white, such as --maximum \(highest.rounded(.up).plain) or 255")
    }
    if highest <= 255 {
      let hint = highest < 128 ? " (dark: if \(highest.plain) is white, say --maximum \(highest.plain))" : ""
      return taken(0, 255, hint)
    }
    if element == .uint16, highest > 32_767 { return taken(0, 65_535) }
    let depths = [1023.0, 4095, 16_383, 65_535].filter { $0 >= highest }.prefix(2).map { "--maximum \($0.plain)" }
    throw refusal(
      range, expected: "the number that is white",
      action: "say it with " + (depths + ["--maximum \(highest.plain)"]).removingRepeats.joined(separator: " or ")
        + "")
  }
}

extension Double {
  /// The number without a decimal point where it is whole, else with at most six digits behind it.
  var plain: String {
    if self == rounded(), abs(self) < 1e15 { return "\(Int(self))" }
    guard abs(self) >= 1e-3, abs(self) < 1e9 else { return "\(self)" }
    var text = formatted(digits: 6)
    while text.hasSuffix("0") { text.removeLast() }
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }
}

extension [String] {
  fileprivate var removingRepeats: [String] {
    enumerated().filter { !self[..<$0.offset].contains($0.element) }.map(\.element)
  }
}
