import HDF5
internal import Support
internal import Tensors

/// Marks and proposals of a dataset that is being written.
struct DetectionRecords {
  private var marks: [UInt8] = []
  private var counts: [Int32] = []
  private var edges: [Float] = []
  private var scores: [Float] = []

  /// Adds an image's regions and proposals.
  mutating func append(_ regions: [LabeledRegion], _ proposals: Proposals) {
    marks += regions.map(\.mark.rawValue)
    counts.append(Int32(proposals.count))
    edges += proposals.boxes.flatMap { [$0.x1, $0.y1, $0.x2, $0.y2] }
    scores += proposals.scores
  }

  /// Writes the arrays that say anything.
  borrowing func write(with writer: borrowing DatasetWriter) throws(HDF5Error) {
    if marks.contains(where: { $0 != 0 }) { try writer.write(marks, to: DatasetSchema.regionMarks) }
    guard !scores.isEmpty else { return }
    try writer.write(counts, to: DatasetSchema.proposalCounts)
    try writer.write(scores, to: DatasetSchema.proposalScores)
    try writer.write(edges, to: DatasetSchema.proposalBoxes, columns: 4)
  }
}
