/// The part of a run's name that can be read, such as `mnist-to-optdigits/fc-full.mnist-to-optdigits.20.s1`: a folder for
/// each pair of domains, and in it arm, regime, pair, training images per class and seed.
struct RunLabel: Sendable, Equatable {
  /// The folder of source models.
  static let sources = "sources"
  private static let joint = "-to-"

  private let text: String
  /// The epochs that are not told.
  private let epochs: Int

  /// The label of a source model.
  init(ofSourceModel arm: String, on domain: String, seed: UInt64, epochs: Int) {
    text = "\(Self.sources)/\(Self.word(arm)).\(Self.word(domain)).s\(seed)"
    self.epochs = epochs
  }

  /// The label of a cell's runs.
  init(of question: Cell.Question, epochs: Int) {
    let pair = Self.word(question.source ?? "scratch") + Self.joint + Self.word(question.target)
    let size = question.size.map { ".\($0)" } ?? ""
    text = "\(pair)/\(Self.word(question.arm))-\(question.regime.rawValue).\(pair)\(size).s\(question.seed)"
    self.epochs = epochs
  }

  /// The label of a run, without the digits of its identity.
  func name(learningRate: Double?, epochs: Int, fold: Int?) -> String {
    text + (learningRate.map { ".r\($0)" } ?? "") + (epochs == self.epochs ? "" : ".e\(epochs)")
      + (fold.map { ".f\($0)" } ?? "")
  }

  /// Whether a folder of a study holds runs.
  static func isFolder(_ name: String) -> Bool { name == sources || name.contains(joint) }

  /// A name as a part of a file's: letters, digits, `-` and `_`, at most 60 bytes, as a file's name has 255.
  private static func word(_ name: String) -> String {
    var word = ""
    for character in name {
      let next = character.isLetter || character.isNumber || "-_".contains(character) ? character : "-"
      guard word.utf8.count + String(next).utf8.count <= 60 else { break }
      word.append(next)
    }
    return word
  }
}
