import ArgumentParser
import Datasets

/// Annotations with their folder of images, and those of a test set, if any.
struct BoxOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of images.", valueName: "folder")) var images: String
  @Option(help: ArgumentHelp("The source's own test annotations.", valueName: "path")) var testAnnotations: String?
  @Option(help: ArgumentHelp("The folder of the test images (default: the same folder).", valueName: "folder"))
  var testImages: String?

  func validate() throws {
    guard testImages == nil || testAnnotations != nil else {
      throw ValidationError("--test-images needs --test-annotations")
    }
  }

  func source(_ format: AnnotationFormat, annotations: String, keepsMarked: Bool = false) -> PreparationSource {
    .boxes(
      format, train: .init(images: images, labels: annotations),
      test: testAnnotations.map { .init(images: testImages ?? images, labels: $0) }, keepsMarked: keepsMarked)
  }
}

extension Prepare {
  struct COCO: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "coco", abstract: "From the boxes of a COCO JSON file and a folder of images.",
      discussion: "Images without a box are excluded, and boxes around crowds too unless --keep-crowds is given.")
    @Argument(help: "The JSON file of annotations.") var annotations: String
    @OptionGroup var boxes: BoxOptions
    @Flag(help: "Keep boxes that are marked as crowds.") var keepCrowds = false
    @OptionGroup var options: PreparationOptions

    func run() throws {
      try options.prepare(boxes.source(.coco, annotations: annotations, keepsMarked: keepCrowds))
    }
  }

  struct VOC: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "voc", abstract: "From a folder of Pascal VOC's XML files and a folder of images.",
      discussion: "Images without a box are excluded, and boxes marked difficult too unless --keep-difficult is given.")
    @Argument(help: "The folder of annotations.") var annotations: String
    @OptionGroup var boxes: BoxOptions
    @Flag(help: "Keep boxes that are marked difficult.") var keepDifficult = false
    @OptionGroup var options: PreparationOptions

    func run() throws {
      try options.prepare(boxes.source(.voc, annotations: annotations, keepsMarked: keepDifficult))
    }
  }

  struct CSVBoxes: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "csv-boxes", abstract: "From a CSV file with one labeled box per line and a folder of images.",
      discussion: """
        Columns are image, x1, y1, x2, y2, label, or named in a header line, in any order, others ignored. Corners \
        count from 0 and are inclusive; four empty ones mean the whole image.
        """)
    @Argument(help: "The CSV file.") var annotations: String
    @OptionGroup var boxes: BoxOptions
    @OptionGroup var options: PreparationOptions

    func run() throws { try options.prepare(boxes.source(.csv, annotations: annotations)) }
  }
}
