internal import Datasets
internal import Foundation
internal import Networks
internal import Serialization
internal import Support
internal import Training

/// The file of a study, with the reason for each choice.
struct StudyText {
  private let material: DesignMaterial
  private let design: StudyDesign
  private let decisions: [StudyDecision]

  init(_ material: DesignMaterial, _ chosen: ChosenDesign) {
    (self.material, design, decisions) = (material, chosen.design, chosen.decisions)
  }

  private var draft: StudyDraft { material.draft }

  /// The YAML text.
  var text: String {
    let lines = opening + features + domains + arms + phases
    return lines.joined(separator: "\n") + "\n"
  }

  private func why(_ what: String) -> [String] {
    decisions.filter { $0.what == what }.flatMap {
      Self.comment("\($0.what): \($0.choice). \($0.reason.first?.uppercased() ?? "")\($0.reason.dropFirst()).")
    }
  }

  private var opening: [String] {
    Self.comment(
      "Are pretrained FC layers worth keeping, and the more so the farther the target is? A study of "
        + "\(draft.domains.count) domains, written by `bulkhead study new`. Everything can be edited; docs/study.md explains "
        + "the keys. Runs that are done and still fit are never repeated.") + why("verdict") + why("time") + [
        "name: \(Self.scalar(draft.name))"
      ]
  }

  private var features: [String] {
    guard design.mode == .frozen, let weights = draft.weights else { return [] }
    var data = ["evaluationSize: \(design.side ?? 224)"]
    if let value = normalizationText { data.insert("inputNormalization: \(value)", at: 0) }
    if material.channels == 3 { data.append("channels: 3") }
    return why("trained") + why("network") + why("input") + why("picture size") + [
      "features:", "  network: {preset: \(material.preset.rawValue)}", "  weights: {from: \(Self.scalar(weights))}",
      "  data: {\(data.joined(separator: ", "))}",
    ]
  }

  private var domains: [String] {
    var lines =
      Self.comment("Source and target of a domain share no picture, and no picture is in two domains.") + ["domains:"]
    for (domain, shares) in zip(material.survey.domains, material.shares) {
      let name = domain.source.name
      lines += Self.comment(
        "\(domain.source.images.paths.joined(separator: ", ")): \(domain.counts.reduce(0, +)) pictures of "
          + "\(domain.classNames.count) classes; of each the target trains on \(shares.targetTrain) and tests "
          + "\(shares.targetTest), the source has the others",
        indent: "  ")
      for one in domain.shared {
        lines += Self.comment("without \(one.count) pictures that \(one.keeper) has too", indent: "  ")
      }
      lines.append("  - name: \(Self.scalar(name))")
      lines.append("    source: \(Self.scalar(material.dataset(name, .source)))")
      lines.append("    target: \(Self.scalar(material.dataset(name, .target)))")
    }
    return lines
  }

  private var arms: [String] {
    let rates = DesignRates(material, design)
    let width =
      "width: 256, depth: \(material.preset == .lenet ? 1 : 2), dropout: \(design.mode == .frozen ? 0.3 : 0.1)"
    func arm(_ name: String, _ head: String, _ more: [String]) -> [String] {
      ["  - name: \(name)", "    settings: {network: {head: {\(head)}}}"] + more.map { "    \($0)" }
    }
    func pretraining(_ rate: Double, _ epochs: Int) -> String {
      "pretraining: {optimizer: {learningRate: \(rate)}, epochs: \(epochs)}"
    }
    func list(_ rates: [Double]) -> String { "learningRates: [\(rates.map { "\($0)" }.joined(separator: ", "))]" }
    var lines = why("heads") + ["arms:"]
    lines += arm(
      "fc", "kind: fc, \(width)", [pretraining(rates.source.fc, design.sourceEpochs), list(rates.fc)])
    lines += Self.comment("without FC layers, more steps and larger learning rates are needed", indent: "  ")
    lines += arm("gap", "kind: gap", [pretraining(rates.source.gap, 2 * design.sourceEpochs), list(rates.gap)])
    guard design.hasMechanism else { return lines }
    lines += Self.comment("new FC layers on the backbone of fc: capacity without pretraining", indent: "  ")
    lines += arm("fc-random", "kind: fc-random, \(width)", ["pretrained: fc", "scratch: fc", list(rates.fc)])
    if design.mode == .frozen {
      lines += Self.comment("a classifier on the whole map: layout without hidden layers", indent: "  ")
      lines += arm("flatten", "kind: flatten", ["pretrained: fc", "scratch: gap", list(rates.flatten)])
    } else {
      lines += Self.comment("the backbone of fc under averaging", indent: "  ")
      lines += arm("gap-cut", "kind: gap-cut", ["pretrained: fc", "scratch: gap", list(rates.gap)])
    }
    return lines
  }

  private var phases: [String] {
    var common = ["common:"]
    var data = ["batch: \(StudyDesign.batch)"]
    if design.mode == .full {
      common += (why("trained") + why("network") + why("input") + why("picture size")).map { "  " + $0 }
      if let value = normalizationText { data.append("inputNormalization: \(value)") }
    }
    common.append("  network: {preset: \(material.preset.rawValue)}")
    if design.mode == .full, let weights = draft.weights {
      common += Self.comment(
        "every network begins with these weights; \"from scratch\" means without training on a source", indent: "  ")
      common.append("  weights: {from: \(Self.scalar(weights)), reinitialize: [\"head.*\"]}")
    }
    common += [
      "  data: {\(data.joined(separator: ", "))}",
      "  optimizer: {convention: torch, momentum: 0.9, weightDecay: 0.0005, clip: 5}", "  schedule: {kind: cosine}",
      "  checkpoint: {everyEpochs: 100}",
    ]
    var lines = why("pictures") + ["sizes: [\(material.shares[0].targetTrain)]"]
    lines += why("seeds") + ["seeds: [\((1...design.seeds).map(String.init).joined(separator: ", "))]"]
    lines += why("learning rates") + ["search: {seeds: first, folds: 2, extensions: \(design.extensions)}"]
    lines += ["workers: \(draft.workers)"] + common + why("epochs")
    if let most = design.sourcePerClass {
      lines += Self.comment("more pictures per class would leave a source too few epochs in the time")
      lines.append("pretraining: {data: {trainPerClass: \(most)}}")
    }
    return lines + ["finetuning: {epochs: \(design.epochs)}"]
  }

  private var normalizationText: String? {
    guard let value = material.normalization?.value else { return nil }
    guard case .numbers(let numbers) = value else { return "\(value)" }
    func list(_ values: [Float]) -> String { "[\(values.map { "\($0)" }.joined(separator: ", "))]" }
    return "{order: \(numbers.order.rawValue), mean: \(list(numbers.mean)), deviation: \(list(numbers.deviation))}"
  }

  /// A text as a plain scalar where it can be none other, else in quotes.
  private static func scalar(_ text: String) -> String {
    let isPlain =
      text.first.map { $0.isASCII && $0.isLetter || $0 == "/" } ?? false
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./".contains($0)) }
      && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(text.lowercased())
    guard !isPlain else { return text }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }

  /// A comment in lines of at most 120 columns.
  private static func comment(_ text: String, indent: String = "") -> [String] {
    text.wrapped(width: 116 - indent.count).map { "\(indent)# \($0)" }
  }
}

/// Learning rates that suit what is trained; validation chooses among those of fine-tuning.
private struct DesignRates {
  let source: (fc: Double, gap: Double)
  let fc: [Double]
  let gap: [Double]
  let flatten: [Double]

  init(_ material: DesignMaterial, _ design: StudyDesign) {
    switch (design.mode, design.isFromScratch) {
    case (.full, true):
      (source, fc, gap) = ((0.02, 0.1), [0.01, 0.03, 0.1], [0.03, 0.1, 0.3])
      flatten = fc
    case (.full, false):
      (source, fc, gap) = ((0.001, 0.003), [0.0003, 0.001, 0.003], [0.001, 0.003, 0.01])
      flatten = fc
    case (.frozen, _):
      // Maps are large where inputs are: caffe's are some ±128.
      let isLarge =
        switch material.normalization?.value {
        case .caffe?, .raw?: true
        case .numbers(let numbers)?: numbers.deviation.allSatisfy { $0 <= 2 }
        default: false
        }
      let factor: Double = isLarge ? 1 : 10
      source = (0.003 * min(factor, 3), 0.01 * factor)
      fc = isLarge ? [0.001, 0.003, 0.01] : [0.003, 0.01, 0.03]
      gap = isLarge ? [0.003, 0.01, 0.03] : [0.03, 0.1, 0.3]
      flatten = isLarge ? [0.0003, 0.001, 0.003] : [0.003, 0.01, 0.03]
    }
  }
}
