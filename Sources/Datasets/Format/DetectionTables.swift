import HDF5
internal import Support
package import Tensors

extension DatasetSchema {
  static let regionMarks = "/regions/mark"
  static let proposalCounts = "/proposals/count"
  static let proposalBoxes = "/proposals/box"
  static let proposalScores = "/proposals/score"
  /// The arrays of detection, all optional.
  static let detectionArrays = [regionMarks, proposalCounts, proposalBoxes, proposalScores]
}

/// What a dataset file has for detection besides boxes: marks of regions, and proposals.
struct DetectionTables: Sendable {
  /// A mark of each region; empty if all are objects.
  private let marks: [RegionMark]
  /// Before each image the number of proposals of the images before it, then that of all; empty if there are none.
  private let starts: [Int]
  private let boxes: [Float]
  private let scores: [Float]

  init(of file: borrowing HDF5File, _ tables: DatasetTables, header: DatasetHeader) throws(FileError) {
    marks = try Self.marks(of: file, tables)
    guard file.exists(DatasetSchema.proposalCounts) else {
      (starts, boxes, scores) = ([], [], [])
      return
    }
    let counts: [Int32] = try file.values(DatasetSchema.proposalCounts, .int32, count: tables.heights.count)
    var starts = [0]
    for (image, count) in counts.enumerated() {
      guard count >= 0 else {
        throw file.refusal(of: DatasetSchema.proposalCounts, "image \(image) has \(count) proposals")
      }
      starts.append(starts[image] + Int(count))
    }
    self.starts = starts
    let total = starts[counts.count]
    scores = try file.values(DatasetSchema.proposalScores, .float, count: total)
    boxes = try file.values(DatasetSchema.proposalBoxes, .float, count: total, columns: 4)
    for image in counts.indices {
      let (height, width) = header.pixels(ofHeight: Int(tables.heights[image]), width: Int(tables.widths[image]))
      for index in starts[image]..<starts[image + 1] {
        if let problem = box(index).problem(height: height, width: width) {
          throw file.refusal(of: DatasetSchema.proposalBoxes, "proposal \(index) of image \(image) \(problem)")
        }
        guard scores[index].isFinite else {
          throw file.refusal(of: DatasetSchema.proposalScores, "the score of proposal \(index) is not finite")
        }
      }
    }
  }

  private static func marks(
    of file: borrowing HDF5File, _ tables: DatasetTables
  ) throws(FileError) -> [RegionMark] {
    guard file.exists(DatasetSchema.regionMarks) else { return [] }
    let values: [UInt8] = try file.values(DatasetSchema.regionMarks, .uint8, count: tables.images.count)
    var regions = [Int](repeating: 0, count: tables.heights.count)
    for image in tables.images { regions[Int(image)] += 1 }
    var marks: [RegionMark] = []
    marks.reserveCapacity(values.count)
    for (region, value) in values.enumerated() {
      guard let mark = RegionMark(rawValue: value) else {
        throw file.refusal(
          of: DatasetSchema.regionMarks,
          "region \(region) has the mark \(value), expected 0 to \(RegionMark.allCases.count - 1)")
      }
      let hasBox = !tables.boxes.isEmpty && !tables.boxes[4 * region].isNaN
      guard mark != .background || !hasBox && regions[Int(tables.images[region])] == 1 else {
        throw file.refusal(
          of: DatasetSchema.regionMarks, "region \(region) is marked as background, expected no box and no other region"
        )
      }
      marks.append(mark)
    }
    return marks
  }

  var hasMarks: Bool { !marks.isEmpty }
  var hasProposals: Bool { !starts.isEmpty }

  func mark(of sample: Int) -> RegionMark { marks.isEmpty ? .object : marks[sample] }

  func proposals(ofImage image: Int) -> Proposals {
    guard hasProposals else { return Proposals() }
    let range = starts[image]..<starts[image + 1]
    return Proposals(boxes: range.map(box), scores: Array(scores[range]))
  }

  private func box(_ index: Int) -> Box {
    Box(x1: boxes[4 * index], y1: boxes[4 * index + 1], x2: boxes[4 * index + 2], y2: boxes[4 * index + 3])
  }
}

extension Dataset {
  /// What a sample is, other than an object of its class.
  package func mark(of sample: Int) -> RegionMark { detection.mark(of: sample) }

  /// Whether some region is no plain object.
  package var hasMarks: Bool { detection.hasMarks }

  /// Whether its images have proposals.
  package var hasProposals: Bool { detection.hasProposals }

  /// The proposals of an image; none where the dataset has none.
  package func proposals(ofImage index: Int) -> Proposals { detection.proposals(ofImage: index) }

  /// The region of a sample, with its box moved.
  package func region(of sample: Int, moving: (Box) -> Box? = { $0 }) -> LabeledRegion {
    LabeledRegion(label: label(of: sample), box: box(of: sample).flatMap(moving), mark: mark(of: sample))
  }
}
