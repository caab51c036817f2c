package import Networks

/// A candidate mechanism behind the difference between heads: one kind of head minus another.
package struct Mechanism: Sendable, Equatable {
  /// A kind of head.
  package typealias Kind = NetworkDescription.Head.Kind

  /// What it asks for, in a word.
  package var name: String
  /// The kind that should do better.
  package var kind: Kind
  /// The kind that it is compared with.
  package var other: Kind

  /// The mechanisms that a study tests if it has arms of both kinds.
  package static let all = [
    Mechanism(name: "pretraining", kind: .fc, other: .fcRandom),
    Mechanism(name: "capacity", kind: .fcRandom, other: .gapCut),
    Mechanism(name: "wiring", kind: .fc, other: .fcPermuted),
    Mechanism(name: "layout", kind: .flatten, other: .gapCut),
    Mechanism(name: "non-linearity", kind: .fc, other: .fcLinear),
  ]
}

/// The arm that represents each kind of head: the first in the study's file, regardless of its name.
package struct ArmsByKind: Sendable, Equatable {
  private var arms: [Mechanism.Kind: [String]] = [:]

  init(_ results: StudyResults) {
    for arm in results.study.arms {
      if let kind = results.headKinds[arm.name] { arms[kind, default: []].append(arm.name) }
    }
  }

  /// The arm's name; nil where no arm has the kind.
  package subscript(kind: Mechanism.Kind) -> String? { arms[kind]?.first }

  /// Which arm counts where several of the compared ones have one kind of head, in a line; nil where none do.
  package func note(on contrasts: [StudyAnalysis.Contrast]) -> String? {
    let compared = Set(contrasts.flatMap { [$0.arm, $0.other] })
    let choices = Mechanism.Kind.allCases.compactMap { kind -> String? in
      guard let all = arms[kind], all.count > 1, compared.contains(all[0]) else { return nil }
      return "\(all[0]) for \(kind.rawValue) (not \(all.dropFirst().joined(separator: ", ")))"
    }
    return choices.isEmpty
      ? nil
      : "Of several arms with one kind of head the first in the study's file counts: \(choices.joined(separator: "; "))"
  }
}
