import ArgumentParser
import Datasets

/// Annotations with their folder of images, those of a test set, if any, and how boxes are read.
struct BoxOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of images.", valueName: "folder")) var images: String
  @Option(help: ArgumentHelp("The source's own test annotations.", valueName: "path")) var testAnnotations: String?
  @Option(help: ArgumentHelp("The folder of the test images (default: the same folder).", valueName: "folder"))
  var testImages: String?
  @Option(
    name: .customLong("boxes"),
    help: "The unit of boxes, pixels or fractions of width and height (default: pixels, unless none is above 1).")
  var unit: BoxUnit?
  @Flag(
    help: """
      Leave out boxes that end before they begin, lie outside of their image, or are of an unknown image or category, and \
      count them.
      """)
  var skipInvalid = false

  @Flag(help: "Keep images without a box, as background of a detector.") var keepEmpty = false
  @Option(
    help: ArgumentHelp(
      """
      Boxes that may hold objects, for a detector, by the images' names: COCO results (JSON), CSV, .npz, or MATLAB's format \
      7.3.
      """, valueName: "file"))
  var proposals: String?

  func validate() throws {
    guard testImages == nil || testAnnotations != nil else {
      throw ValidationError("--test-images needs --test-annotations")
    }
  }

  /// The source of annotations in a format.
  func source(_ format: AnnotationFormat, annotations: String, _ reading: BoxReading) -> PreparationSource {
    var reading = reading
    (reading.unit, reading.skipsInvalid, reading.keepsEmpty) = (unit, skipInvalid, keepEmpty)
    return .boxes(
      format, train: .init(images: images, labels: annotations),
      test: testAnnotations.map { .init(images: testImages ?? images, labels: $0) }, reading)
  }
}

extension BoxUnit: ExpressibleByArgument {}

/// A kind of preparation from annotations of boxes.
protocol BoxCommand: ParsableCommand {
  static var format: AnnotationFormat { get }
  var annotations: String { get }
  var boxes: BoxOptions { get }
  var options: PreparationOptions { get }
  /// What this format alone has.
  var reading: BoxReading { get }
}

extension BoxCommand {
  /// Makes the dataset.
  func run() throws {
    try options.prepare(boxes.source(Self.format, annotations: annotations, reading), proposals: boxes.proposals)
  }
}

extension Prepare {
  struct COCO: BoxCommand {
    static let format = AnnotationFormat.coco
    static let configuration = CommandConfiguration(
      commandName: "coco", abstract: "From the boxes of a COCO JSON file and a folder of images.",
      discussion: """
        Left out and counted: images without a box unless --keep-empty is given, boxes of zero area, and boxes around \
        crowds unless --keep-crowds is given.
        """)
    @Argument(help: "The JSON file of annotations.") var annotations: String
    @OptionGroup var boxes: BoxOptions
    @Flag(help: "Keep boxes that are marked as crowds, with the mark.") var keepCrowds = false
    @OptionGroup var options: PreparationOptions

    var reading: BoxReading { BoxReading(keepsMarked: keepCrowds) }
  }

  struct VOC: BoxCommand {
    static let format = AnnotationFormat.voc
    static let configuration = CommandConfiguration(
      commandName: "voc", abstract: "From a folder of Pascal VOC's XML files and a folder of images.",
      discussion: """
        Left out and counted: images without a box unless --keep-empty is given, and boxes marked difficult unless \
        --keep-difficult is given. A file without <filename> is of the image of its own name.
        """)
    @Argument(help: "The folder of annotations.") var annotations: String
    @OptionGroup var boxes: BoxOptions
    @Flag(help: "Keep boxes that are marked difficult, with the mark.") var keepDifficult = false
    @Flag(help: "Leave out boxes that are marked truncated, and count them.") var dropTruncated = false
    @Option(
      help: ArgumentHelp(
        "A folder with train.txt, val.txt and test.txt, the images of each split by name, such as ImageSets/Main.",
        valueName: "folder"))
    var sets: String?
    @OptionGroup var options: PreparationOptions

    func validate() throws {
      guard sets == nil || boxes.testAnnotations == nil else {
        throw ValidationError("--sets lists the test images, and --test-annotations has others; choose one of the two")
      }
    }

    var reading: BoxReading {
      BoxReading(keepsMarked: keepDifficult, keepsTruncated: !dropTruncated, sets: sets)
    }
  }

  struct CSVBoxes: BoxCommand {
    static let format = AnnotationFormat.csv
    static let configuration = CommandConfiguration(
      commandName: "csv-boxes", abstract: "From a CSV file with one labeled box per line and a folder of images.",
      discussion: """
        A header names the columns image, x1, y1, x2, y2 (or x, y, width, height) and label, in any order, others \
        ignored but difficult, crowd and ignored, whose 1 marks a box; without one they are in this order. Boxes that are \
        marked are left out and counted unless --keep-marked is given. Corners count from 0 and are inclusive; four empty \
        ones mean the whole image.
        """)
    @Argument(help: "The CSV file.") var annotations: String
    @OptionGroup var boxes: BoxOptions
    @Flag(help: "Without a header, the four numbers are x, y, width and height.") var sizes = false
    @Flag(help: "Keep boxes that are marked difficult, as crowds or to be ignored, with the mark.") var keepMarked =
      false
    @OptionGroup var text: TextOptions
    @OptionGroup var options: PreparationOptions

    var reading: BoxReading { BoxReading(keepsMarked: keepMarked, hasSizes: sizes, csv: text.reading) }
  }
}
