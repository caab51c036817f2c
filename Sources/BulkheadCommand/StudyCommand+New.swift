import ArgumentParser
import Datasets
import Foundation
import Networks
import Studies
import Support
import Training

extension StudyCommand {
  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a study of folders of images: its datasets, and its file with a reason for each choice.",
      discussion: """
        Each domain becomes a source and a target that share no picture; what two domains share stays in the first. \
        Network, input, picture size, epochs and learning rates follow from the pictures, the weights and the time, after \
        a few steps are timed. Everything is in checkpoints/NAME, and study.yaml there can be edited. Interrupted, it \
        leaves no study, and the same command begins anew.
        """)
    @Argument(help: "The study's name.") var name: String
    @Option(
      name: .customLong("domain"), parsing: .singleValue,
      help: ArgumentHelp(
        "A domain's name and its folder of classes, or a dataset file; once for each domain.", valueName: "name=folder")
    )
    var domains: [NamedDomain] = []
    @Option(help: ArgumentHelp("Weights to begin with (default: none, trained from scratch).", valueName: "file"))
    var weights: String?
    @Option(help: ArgumentHelp("The time that study run may take, such as 30m or 2h.", valueName: "time"))
    var budget = TimeSpan(seconds: 1800)
    @Option(
      help: ArgumentHelp("The network (default: that of the weights, or small-vgg from scratch).", valueName: "name"))
    var preset: NetworkDescription.Preset?
    @Option(
      help: ArgumentHelp(
        "How pixels become inputs: symmetric, raw, unit, caffe or torch (default: as the weights expect).",
        valueName: "name"))
    var inputNormalization: InputNormalization?
    @Option(
      help: ArgumentHelp(
        "full trains all layers, frozen heads on feature maps (default: full where there is time).",
        valueName: "full|frozen"))
    var train: StudyDraft.Mode?
    @Option(
      help: ArgumentHelp("The side that pictures are scaled to (default: by pictures and time).", valueName: "pixels"))
    var side: Int?
    @Option(help: "The number of seeds (default: 5 where there is time, else 3).") var seeds: Int?
    @Option(help: "Pictures per class to fine-tune on, up to 20 (default: up to a quarter of the smallest class).")
    var imagesPerClass: Int?
    @Option(help: "Number of concurrent runs (default: processors).") var workers: Int?
    @Flag(help: "Read subfolders of a class as part of it.") var nested = false
    @Flag(help: "Skip unreadable images, and list them.") var skipUnreadable = false
    @Option(help: "The directory of the study (default: checkpoints/NAME).") var directory: String?
    @Flag(help: "Replace a study that exists; its runs stay.") var overwrite = false

    func run() throws {
      var draft = StudyDraft(
        name: name,
        domains: domains.map { domain in
          .init(
            name: domain.name,
            images: FileSystem.isRegularFile(domain.path)
              ? .dataset(domain.path) : .folder(domain.path, FolderReading(isNested: nested)))
        },
        directory: directory ?? "checkpoints/\(name)")
      (draft.budget, draft.weights, draft.preset) = (budget.seconds, weights, preset)
      (draft.inputNormalization, draft.mode, draft.side) = (inputNormalization, train, side)
      (draft.seeds, draft.imagesPerClass) = (seeds, imagesPerClass)
      if let workers { draft.workers = workers }
      (draft.skipsUnreadable, draft.overwrites) = (skipUnreadable, overwrite)
      if let weights { try requireFile(weights, expected: "weights") }
      let display = DraftDisplay()
      let study = try draft.write(shouldStop: { StopRequest.isRequested }, observe: display.show)
      display.end()
      for decision in study.decisions {
        let margin = String(repeating: " ", count: 16)
        print((decision.what + margin).prefix(16) + decision.choice)
        for line in decision.reason.wrapped(width: 80) { print(margin + "  " + line) }
      }
      let place = directory.map { " --directory \($0)" } ?? ""
      print(
        """

        wrote \(study.path), where all of this can be edited. Next:
          bulkhead study run \(name)\(place)
        """)
    }
  }
}

/// `photos=folder`.
struct NamedDomain: ExpressibleByArgument {
  let name: String
  let path: String

  init?(argument: String) {
    guard let place = argument.firstIndex(of: "=") else { return nil }
    name = String(argument[..<place])
    path = String(argument[argument.index(after: place)...])
    guard !name.isEmpty, !path.isEmpty else { return nil }
  }
}

/// `90s`, `30m`, `2h`.
struct TimeSpan: ExpressibleByArgument {
  let seconds: Double

  init(seconds: Double) { self.seconds = seconds }

  init?(argument: String) {
    let units = ["s": 1.0, "m": 60, "h": 3600]
    guard let unit = argument.last.flatMap({ units[String($0)] }), let number = Double(argument.dropLast()),
      number > 0, number.isFinite
    else { return nil }
    seconds = number * unit
  }

  var defaultValueDescription: String { "\((seconds / 60).formatted(digits: 0))m" }
}

extension NetworkDescription.Preset: ExpressibleByArgument {}
extension StudyDraft.Mode: ExpressibleByArgument {}

extension InputNormalization: ExpressibleByArgument {
  /// From its name.
  public init?(argument: String) {
    let named: [InputNormalization] = [.symmetric, .raw, .unit, .caffe, .torch]
    guard let known = named.first(where: { $0.description == argument }) else { return nil }
    self = known
  }
}

/// Shows on standard error how far a new study is.
private final class DraftDisplay {
  private var bar: ProgressLine?
  private var title = ""
  private var last = 0

  func show(_ event: StudyDraft.Event) {
    switch event {
    case .surveying(let domain, let done, let total): advance("reading \(domain)", done, total)
    case .surveyed(let lines):
      end()
      print(lines.joined(separator: "\n") + "\n")
    case .timing(let what):
      end()
      guard title != what else { return }
      title = what
      standardError("timing \(what)\n")
    case .preparing(let dataset, let done, let total): advance("preparing \(dataset)", done, total)
    }
  }

  func end() {
    bar?.finish(done: last)
    bar = nil
  }

  private func advance(_ what: String, _ done: Int, _ total: Int) {
    if title != what {
      end()
      title = what
    }
    if bar == nil { bar = ProgressLine(what, total: total, unit: "images") }
    last = done
    bar?.update(done: done)
  }
}
