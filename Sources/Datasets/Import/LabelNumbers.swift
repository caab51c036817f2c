/// Which texts are numbers of classes: those that a program wrote as such. All others are names, so that `01` and `1`, or
/// identifiers such as `1e1`, stay what they are.
struct LabelNumbers {
  private let texts: [String]
  /// The number of each text.
  let numbers: [Int]
  /// An example where texts are not the plain numbers.
  let example: (text: String, number: Int)?

  /// The numbers of distinct texts; `nil` if they are names.
  ///
  /// They are numbers if each is written as its whole number is, or all are with as many zeros behind a point, as pandas
  /// writes columns of floats, or as numpy.savetxt writes by default.
  init?(_ texts: [String]) {
    guard !texts.isEmpty else { return nil }
    self.texts = texts
    if let numbers = Self.all(texts, { $0 }) {
      (self.numbers, example) = (numbers, nil)
      return
    }
    guard let form = Self.form(of: texts[0]), let numbers = Self.all(texts, form) else { return nil }
    (self.numbers, example) = (numbers, (texts[0], numbers[0]))
  }

  /// The plain number of each text, as a text.
  var names: [String: String] { Dictionary(zip(texts, numbers.map(String.init))) { first, _ in first } }

  /// What was taken for what.
  func remark(path: String) -> String? {
    example.map { "\(path): labels such as \($0.text) are whole numbers, as \($0.number)" }
  }

  private static func all(_ texts: [String], _ whole: (String) -> String?) -> [Int]? {
    let numbers = texts.compactMap { text -> Int? in
      guard let digits = whole(text), let number = Int(digits), String(number) == digits else { return nil }
      return number
    }
    return numbers.count == texts.count ? numbers : nil
  }

  /// The way in which a text with a point writes a whole number: a function from texts to the digits of their numbers.
  private static func form(of text: String) -> ((String) -> String?)? {
    guard let point = text.firstIndex(of: ".") else { return nil }
    let end = String(text[point...])
    if end.count > 1, end.dropFirst().allSatisfy({ $0 == "0" }) {
      return { $0.hasSuffix(end) ? String($0.dropLast(end.count)) : nil }
    }
    // As C's %.18e: -1.200000000000000000e+01.
    return { text in
      guard let number = Double(text), number == number.rounded(), abs(number) < 0x1p53 else { return nil }
      return exponential(number) == text ? String(Int(number)) : nil
    }
  }

  private static func exponential(_ number: Double) -> String {
    let digits = String(Int(number.magnitude))
    let mantissa =
      String(digits.prefix(1)) + "." + digits.dropFirst() + String(repeating: "0", count: 19 - digits.count)
    let exponent = digits.count - 1
    return (number < 0 ? "-" : "") + mantissa + "e+" + (exponent < 10 ? "0" : "") + "\(exponent)"
  }
}

extension [String] {
  /// Names of classes in order: numbers, if all are whole ones, by their size, else by their letters.
  var inOrderOfClasses: [String] {
    allSatisfy { Int($0) != nil } ? sorted { (Int($0) ?? 0, $0) < (Int($1) ?? 0, $1) } : sorted()
  }
}
