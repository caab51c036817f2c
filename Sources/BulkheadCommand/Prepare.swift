import ArgumentParser
import Datasets
import Foundation
import Support
import Training

/// Makes a dataset file.
struct Prepare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a dataset file.",
    discussion: """
      Duplicate images are removed; then each class is shuffled by the seed and split. A source with its own validation \
      or test set keeps it. An image with several boxes is split by the class of its first box.
      """,
    subcommands: [
      IDX.self, CSV.self, NPY.self, Folder.self, CSVFiles.self, HDF5.self, Raw.self, COCO.self, VOC.self, CSVBoxes.self,
    ])
}

/// Options of every kind of preparation.
struct PreparationOptions: ParsableArguments {
  @OptionGroup var target: OutputOptions
  @Option(help: "The dataset's name (default: the file's).") var name: String?
  @Option(help: "The source of the data, for the file's header.") var source = ""
  @Option(help: "The data's license, for the file's header.") var license = ""
  @Option(help: "The names of the classes in the order of their labels, separated by commas.") var classes: String?
  @Option(help: "1 for gray, 3 for color (default: 3 if any image is in color).") var channels: Int?
  @Option(help: ArgumentHelp("Scale the shorter side to this many pixels (default: none).", valueName: "pixels"))
  var shorter: Int?
  @Option(
    help: ArgumentHelp(
      "Scale both sides to this many pixels, the aspect ratio not kept (default: none).", valueName: "pixels")
  )
  var square: Int?
  @Option(help: ArgumentHelp("Then crop the center to a square of this side (default: none).", valueName: "pixels"))
  var crop: Int?
  @Option(
    help: ArgumentHelp(
      """
      Store images as samples, or encoded as in their files (default: encoded, unless they are resized or their files \
      are larger; arrays as samples).
      """, valueName: "samples|encoded"))
  var storage: ImageStorage?
  @Option(help: "Threads that decode image files (default: processors).") var threads: Int?
  @Option(help: ArgumentHelp("Training images.", valueName: "share")) var train = SplitShare.rest
  @Option(
    help: ArgumentHelp(
      "Validation images (default: the source's own validation set, or 10% if it has none).", valueName: "share"))
  var validation: SplitShare?
  @Option(
    help: ArgumentHelp(
      """
      Test images. A share is a count per class (20), an upper limit ('<=20'), a part ('10%') or 'rest' (default: \
      the source's own test set, or 20% if it has no splits).
      """, valueName: "share"))
  var test: SplitShare?
  @Option(
    help: ArgumentHelp(
      """
      Images to exclude. With the same source and seed they are the ones that another dataset's test, \
      validation and training images are taken from first, so that the two datasets share no image.
      """, valueName: "share"))
  var omit = SplitShare.count(0)
  @Option(help: "The seed of the splits.") var seed: UInt64 = 0
  @Flag(help: "Keep duplicate images.") var keepDuplicates = false
  @Flag(help: "Skip unreadable images, and list them.") var skipUnreadable = false

  func validate() throws {
    guard [nil, 1, 3].contains(channels) else { throw ValidationError("--channels is 1 or 3") }
    guard (1...1024).contains(threads ?? 1) else { throw ValidationError("--threads is 1 to 1024") }
    if let problem = resizing?.problem { throw ValidationError("--" + problem) }
  }

  private var resizing: ImageResizing? {
    ImageResizing(shorter: shorter, square: square, crop: crop).ifAny
  }

  /// Makes the file and prints what it holds.
  func prepare(_ source: PreparationSource, proposals: String? = nil) throws {
    let inputs = source.paths + (proposals.map { [$0] } ?? [])
    for path in inputs { try requireInput(path) }
    let output = target.output
    try target.requireNothingThere(inputs: inputs)
    let fileName = URL(fileURLWithPath: output).deletingPathExtension().lastPathComponent
    var preparation = Preparation(
      source: source, name: name ?? fileName, origin: self.source, license: license)
    preparation.classNames = classes?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    preparation.channels = channels
    (preparation.resizing, preparation.proposals) = (resizing, proposals)
    preparation.removesDuplicates = !keepDuplicates
    (preparation.train, preparation.validation, preparation.test) = (train, validation, test)
    preparation.omitted = omit
    preparation.seed = seed
    preparation.storage = storage
    if let threads { preparation.threads = threads }
    preparation.skipsUnreadable = skipUnreadable
    var bar: ProgressLine?
    var last = 0
    let report = try preparation.run(writingTo: output, shouldStop: { StopRequest.isRequested }) { done, total in
      if bar == nil { bar = ProgressLine("prepare", total: total, unit: "images") }
      last = done
      bar?.update(done: done)
    }
    bar?.finish(done: last)
    print(report.text(path: output), terminator: "")
  }
}

extension ImageStorage: ExpressibleByArgument {}

extension SplitShare: ExpressibleByArgument {
  /// As it is written on the command line.
  public var defaultValueDescription: String {
    switch self {
    case .rest: "rest"
    case .count(let count): "\(count)"
    case .atMost(let count): "<=\(count)"
    case .fraction(let part): "\((100 * part).formatted(digits: 0))%"
    }
  }

  /// Reads `20`, `<=20`, `10%` or `rest`.
  public init?(argument: String) {
    if argument == "rest" {
      self = .rest
    } else if argument.hasSuffix("%"), let percent = Double(argument.dropLast()) {
      self = .fraction(percent / 100)
    } else if argument.hasPrefix("<="), let count = Int(argument.dropFirst(2)) {
      self = .atMost(count)
    } else if let count = Int(argument) {
      self = .count(count)
    } else {
      return nil
    }
  }
}

extension PreparationReport {
  /// Images by class and split, and what was left out.
  func text(path: String) -> String {
    let table = TextTable(
      header: ["class"] + Split.allCases.map(\.rawValue),
      rows: classNames.enumerated().map { label, name in
        [name] + Split.allCases.map { "\(counts[$0]?[label] ?? 0)" }
      } + [["all"] + Split.allCases.map { "\(count(of: $0))" }])
    var text = table.text + "\n"
    if duplicates > 0 { text += "\(duplicates) of \(found) duplicate images were removed\n" }
    if conflicting > 0 { text += "\(conflicting) duplicates with different labels were removed\n" }
    for remark in remarks { text += remark + "\n" }
    for reason in skipped { text += "skipped \(reason)\n" }
    if let storageRemark { text += storageRemark + "\n" }
    return text + "wrote \(path)\n"
  }
}
