internal import Datasets
internal import Foundation
internal import Networks
internal import Support
internal import Training

extension StudyDraft {
  /// Checks names and paths before anything is read.
  /// - Throws: `FileError` for the first thing that makes no study.
  func check() throws(FileError) {
    func refusal(_ what: String, expected: String, action: String) -> FileError {
      FileError(what: what, path: "study \(name)", expected: expected, action: action)
    }
    guard Self.isPlain(name) else {
      throw refusal(
        "its name names a directory", expected: "letters, digits, -, _ and . only, and no . first",
        action: "choose another name")
    }
    for domain in domains where !Self.isPlain(domain.name) {
      throw refusal(
        "the domain \(domain.name.debugDescription) names files",
        expected: "letters, digits, -, _ and . only, and no . first", action: "choose another name")
    }
    guard domains.count > 1 else {
      throw refusal(
        domains.isEmpty ? "no domain" : "one domain, \(domains[0].name)",
        expected: "two or more: a transfer is from one to another", action: "name each with --domain NAME=FOLDER")
    }
    for (place, domain) in domains.enumerated() {
      for other in domains[..<place] {
        guard other.name != domain.name else {
          throw refusal(
            "two domains called \(domain.name)", expected: "names that differ", action: "rename one of them")
        }
        guard !isSame(other, domain) else {
          throw refusal(
            "the domains \(other.name) and \(domain.name) are the same, \(domain.images.paths.joined(separator: ", "))",
            expected: "domains of different images", action: "give another folder, or leave one out")
        }
      }
      for path in domain.images.paths where !FileSystem.exists(path) { throw FileError.missing(path) }
      if case .folder(let path, _) = domain.images { try Self.requireClasses(in: path) }
    }
    for (value, range, what) in [
      (side, 8...1024, "side of images"), (seeds, 1...100, "number of seeds"), (workers, 1...1024, "number of workers"),
      (imagesPerClass, 2...20, "number of images per class"),
    ] {
      guard let value, !range.contains(value) else { continue }
      throw refusal(
        "a \(what) of \(value)", expected: "\(range.lowerBound) to \(range.upperBound)", action: "choose another number"
      )
    }
    guard budget >= 10, budget <= 1e7 else {
      throw refusal("a budget of \(budget) seconds", expected: "10 seconds to 100 days", action: "allow another time")
    }
    guard mode != .frozen || weights != nil else {
      throw refusal(
        "a frozen backbone without weights", expected: "weights that it has learned", action: "name a file of weights")
    }
  }

  /// A study that is there stays, and so does what else is in the directory.
  func requireRoom() throws {
    let file = Self.file(in: directory)
    guard !overwrites else {
      _ = try OutputFile(file, inputs: domains.flatMap(\.images.paths)).problem(replacing: true)
      return
    }
    if FileSystem.exists(file) { throw StudyError.exists(path: directory) }
    // An interrupted try leaves datasets and a lock.
    let others = FileSystem.names(in: directory).filter { !["data", "lock"].contains($0) }
    guard others.isEmpty else { throw StudyError.exists(path: directory) }
  }

  private func isSame(_ a: DomainSurvey.Source, _ b: DomainSurvey.Source) -> Bool {
    zip(a.images.paths, b.images.paths).allSatisfy { FileSystem.areSame($0, $1) }
  }

  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && name.count <= 64
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
  }

  /// Of a folder with one class the reader's advice is another one.
  private static func requireClasses(in folder: String) throws(FileError) {
    let folders = try FileSystem.entries(of: folder).filter {
      !$0.hasPrefix(".") && !FileSystem.isRegularFile("\(folder)/\($0)")
    }
    guard folders.count == 1 else { return }
    throw FileError(
      what: "one class alone, \(folders[0])", path: folder,
      expected: "a domain of two classes or more, with a folder of images for each",
      action: "give the folder that holds the classes, or more classes")
  }

  /// How pixels become inputs, and why; nil where networks are trained from scratch and nothing is asked for.
  func normalization(of recognized: RecognizedWeights?) throws(FileError) -> ChosenNormalization? {
    if let inputNormalization { return ChosenNormalization(value: inputNormalization, reason: "as asked for") }
    guard let recognized, let weights else { return nil }
    guard let found = recognized.inputNormalization else {
      throw FileError(
        what: "weights of \(recognized.preset.rawValue) that do not tell what input they expect", path: weights,
        expected: "the input normalization that they were trained with",
        action: "name it with --input-normalization: symmetric, raw, unit, caffe or torch (docs/images.md)")
    }
    return ChosenNormalization(value: found, reason: recognized.normalizationReason)
  }
}

/// An input normalization, and why it is this one.
struct ChosenNormalization: Sendable {
  let value: InputNormalization
  let reason: String
}
