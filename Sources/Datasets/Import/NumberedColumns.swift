/// Columns whose names are numbered, such as `pixel0`, `pixel1`, …, which a file may list out of order.
enum NumberedColumns {
  /// The columns in the order of the numbers in their names, where all names differ in one number alone; `nil` where they
  /// are in that order already, or not numbered.
  static func order(of names: [String]) -> [Int]? {
    guard let numbers = numbers(in: names), Set(numbers).count == numbers.count else { return nil }
    let order = names.indices.sorted { numbers[$0] < numbers[$1] }
    return order == Array(names.indices) ? nil : order
  }

  /// A column whose number is lower than that of the one before it, where names have one of several stems, such as `r0`,
  /// `g0`, `b0`, or several numbers, and cannot be put in order; `nil` where there is none.
  static func misplaced(in names: [String]) -> Int? {
    var stems: [[String]: [(place: Int, numbers: [Int])]] = [:]
    for (place, name) in names.enumerated() {
      guard let (stem, numbers) = parts(of: name) else { return nil }
      stems[stem, default: []].append((place, numbers))
    }
    // One order of the digits of a place may be the first number's or the last one's: rows before columns or behind them.
    return stems.values.compactMap { columns in
      func firstDescent(_ key: ([Int]) -> [Int]) -> Int? {
        zip(columns, columns.dropFirst()).first { !key($0.numbers).lexicographicallyPrecedes(key($1.numbers)) }?.1.place
      }
      guard let descent = firstDescent({ $0 }), firstDescent({ $0.reversed() }) != nil else { return nil }
      return descent
    }.min()
  }

  /// The one number of each name in which they differ; `nil` unless they are equal otherwise.
  private static func numbers(in names: [String]) -> [Int]? {
    let all = names.compactMap(parts)
    guard names.count > 1, all.count == names.count, let first = all.first else { return nil }
    guard all.allSatisfy({ $0.stem == first.stem && $0.numbers.count == first.numbers.count }) else { return nil }
    let differing = first.numbers.indices.filter { place in
      all.contains { $0.numbers[place] != first.numbers[place] }
    }
    return differing.count == 1 ? all.map { $0.numbers[differing[0]] } : nil
  }

  /// The texts around the numbers of a name, and the numbers; `nil` for a name without a number.
  private static func parts(of name: String) -> (stem: [String], numbers: [Int])? {
    var (stem, numbers, text, digits) = ([String](), [Int](), "", "")
    for character in name + " " {
      if character.isASCII, character.isNumber {
        digits.append(character)
        continue
      }
      if !digits.isEmpty {
        guard let number = Int(digits) else { return nil }
        numbers.append(number)
        stem.append(text)
        (text, digits) = ("", "")
      }
      text.append(character)
    }
    return numbers.isEmpty ? nil : (stem + [text], numbers)
  }
}
