/// The order of columns whose names are numbered, such as `pixel0`, `pixel1`, …, which a file may list out of order.
enum NumberedColumns: Equatable {
  /// The columns are in the order of their numbers already, or not numbered.
  case asTheyStand
  /// The order to read them in.
  case ordered([Int])
  /// Names of several stems, such as `r0`, `r1`, …, `g0`, `g1`, …, one after another: where the first two begin.
  case planes(Int, Int)
  /// A column whose number is lower than that of the one before it, which cannot be put in order.
  case misplaced(Int)

  /// The order by names.
  ///
  /// Names that differ in one number alone are in its order. Those that differ in two, a row and a column by the letters
  /// before them (`r0c1`, `y0x1`), are row by row, or column by column where `axes` says so; without such letters either
  /// order is taken as it stands.
  /// - Parameter axes: the order of the samples of an image, where the user says it.
  init(_ names: [String], _ axes: ArrayAxes?) {
    let all = names.compactMap(Self.parts)
    guard names.count > 1, all.count == names.count else {
      self = .asTheyStand
      return
    }
    let stems = Dictionary(grouping: names.indices) { all[$0].stem }
    guard stems.count == 1 else {
      self = Self.several(stems.values.sorted { $0[0] < $1[0] }, all.map(\.numbers), axes)
      return
    }
    let (stem, numbers) = (all[0].stem, all.map(\.numbers))
    let differing = numbers[0].indices.filter { place in numbers.contains { $0[place] != numbers[0][place] } }
    let isByColumns = axes.map { Self.isByColumns($0) } ?? false
    switch differing.count {
    case 0: self = .misplaced(1)
    case 1: self = Self.ordered(numbers.map { [$0[differing[0]]] }, canMove: true)
    case 2:
      let roles = differing.map { Self.role(of: stem[$0]) }
      let isKnown = Set(roles) == [.row, .column]
      // Without letters that tell, either number may be the slow one.
      guard isKnown else {
        let isBySecond =
          Self.ordered(numbers.map { [$0[differing[1]], $0[differing[0]]] }, canMove: false) == .asTheyStand
        self =
          isBySecond ? .asTheyStand : Self.ordered(numbers.map { row in differing.map { row[$0] } }, canMove: false)
        return
      }
      let slow = (roles[0] == .column) != isByColumns ? 1 : 0
      self = Self.ordered(numbers.map { [$0[differing[slow]], $0[differing[1 - slow]]] }, canMove: true)
    default: self = Self.misplaced(in: [Array(names.indices)], numbers) ?? .asTheyStand
    }
  }

  private enum Role { case row, column }

  /// What a number counts, by the word before it; `nil` if that does not tell.
  private static func role(of text: String) -> Role? {
    switch text.lowercased().split(whereSeparator: { !$0.isLetter }).last.map(String.init) ?? "" {
    case "r", "row", "y", "h", "i", "line": .row
    case "c", "col", "column", "x", "w", "j": .column
    default: nil
    }
  }

  /// Whether width comes before height.
  private static func isByColumns(_ axes: ArrayAxes) -> Bool {
    axes.ofImage.first { $0 == .height || $0 == .width } == .width
  }

  /// The order of keys; where they cannot move, or are not distinct, the first that is out of order.
  private static func ordered(_ keys: [[Int]], canMove: Bool) -> NumberedColumns {
    let descent = zip(keys, keys.dropFirst()).enumerated().first { !$1.0.lexicographicallyPrecedes($1.1) }
    guard let descent else { return .asTheyStand }
    guard canMove, Set(keys).count == keys.count else { return .misplaced(descent.offset + 1) }
    return .ordered(keys.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) })
  }

  /// Names of several stems: each in order, and all of one before those of the next only where the user gives the axes.
  private static func several(_ stems: [[Int]], _ numbers: [[Int]], _ axes: ArrayAxes?) -> NumberedColumns {
    if let misplaced = misplaced(in: stems, numbers) { return misplaced }
    let blocks = stems.filter { $0.count > 1 }
    let areInBlocks = blocks.allSatisfy { $0[$0.count - 1] - $0[0] == $0.count - 1 }
    guard axes == nil, blocks.count > 1, areInBlocks else { return .asTheyStand }
    return .planes(blocks[0][0], blocks[1][0])
  }

  /// The first column that is out of order among those of its stem, whichever of its numbers is the slow one.
  private static func misplaced(in stems: [[Int]], _ numbers: [[Int]]) -> NumberedColumns? {
    stems.compactMap { places in
      func firstDescent(_ key: ([Int]) -> [Int]) -> Int? {
        zip(places, places.dropFirst()).first { !key(numbers[$0]).lexicographicallyPrecedes(key(numbers[$1])) }?.1
      }
      guard let descent = firstDescent({ $0 }), firstDescent({ $0.reversed() }) != nil else { return nil }
      return descent
    }.min().map { .misplaced($0) }
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
