internal import Support
internal import Tensors

/// Proposals of images, by the names that a file gives the images.
struct ProposalList {
  /// A box as the file has it.
  struct Entry {
    var box: Box
    var score: Float
  }

  /// The most boxes of a file; each takes 20 bytes.
  static let limit = 50_000_000

  let path: String
  /// The boxes of each name in the order of the file.
  private var entries: [String: [Entry]] = [:]
  private var count = 0
  /// What was taken for what, one sentence each.
  var remarks: [String] = []
  private var leftOut: [BoxProblem: Int] = [:]
  private var clipped = 0
  /// The image that a name was used for.
  private var used: [String: String] = [:]
  private var withoutProposals = 0

  init(path: String) { self.path = path }

  /// Reads a file of proposals, whose kind its first bytes tell: COCO results (JSON), CSV, NumPy's `.npz`, MATLAB's 7.3.
  /// - Throws: `FileError` for any other file, and for the first thing that is wrong in it.
  init(reading path: String, in workplace: ImportWorkplace) throws(FileError) {
    switch try FileNature(of: path) {
    case .zip, .numpy, .pickle: self = try ProposalFormats.arrays(path)
    case .hdf5, .matlab: self = try ProposalFormats.cells(path)
    case .json: self = try ProposalFormats.results(path)
    default: self = try ProposalFormats.table(path, in: workplace)
    }
    guard count > 0 else {
      throw FileError(
        what: "no proposals in it", path: path, expected: "boxes that may hold objects", action: "check the file")
    }
  }

  /// Adds an image, which may be without proposals.
  mutating func add(image name: String) { if entries[name] == nil { entries[name] = [] } }

  /// Adds a proposal; one that is no box is left out and counted.
  /// - Throws: `FileError` for a score that is not finite and beyond the limit.
  mutating func add(_ geometry: BoxGeometry, score: Double, to name: String) throws(FileError) {
    guard Float(score).isFinite else {
      throw FileError(what: "a score of \(name) is \(score)", path: path, expected: "a finite number")
    }
    add(image: name)
    if let problem = geometry.problem(.pixels) {
      leftOut[problem, default: 0] += 1
      return
    }
    count += 1
    guard count <= Self.limit else {
      throw FileError(
        what: "more than \(Self.limit) proposals", path: path, expected: "fewer",
        action: "keep those of the highest scores")
    }
    entries[name]?.append(Entry(box: geometry.box(.pixels, in: nil), score: Float(score)))
  }

  /// The proposals of an image from the highest score on; of equal scores in the order of the file.
  ///
  /// They are clipped to the image; those outside of it are left out and counted.
  /// - Parameter names: of the image; the first that the file has counts.
  /// - Throws: `FileError` where another image has the same name.
  mutating func proposals(of names: [String], in extent: Extent) throws(FileError) -> Proposals {
    guard let name = names.first(where: { entries[$0] != nil }), let found = entries[name], let own = names.first else {
      withoutProposals += 1
      return Proposals()
    }
    if let other = used.updateValue(own, forKey: name) {
      throw FileError(
        what: "\(name) is the name of two images, \(other) and \(own)", path: path,
        expected: "names that tell the images apart", action: "write the images' paths within their folder")
    }
    if found.isEmpty { withoutProposals += 1 }
    let order = found.indices.sorted {
      found[$0].score == found[$1].score ? $0 < $1 : found[$0].score > found[$1].score
    }
    var result = Proposals()
    for entry in order.map({ found[$0] }) {
      let (right, bottom) = (Float(extent.width) - 1, Float(extent.height) - 1)
      let box = Box(
        x1: max(entry.box.x1, 0), y1: max(entry.box.y1, 0), x2: min(entry.box.x2, right), y2: min(entry.box.y2, bottom))
      guard box.x1 <= box.x2, box.y1 <= box.y2 else {
        leftOut[.outside, default: 0] += 1
        continue
      }
      if box != entry.box { clipped += 1 }
      result.boxes.append(box)
      result.scores.append(entry.score)
    }
    return result
  }

  /// What is left out or missing, once all images were asked for.
  /// - Throws: `FileError` where no image has proposals.
  func report() throws(FileError) -> [String] {
    let unknown = entries.keys.filter { used[$0] == nil }.sorted()
    guard !used.isEmpty else {
      throw FileError(
        what: "none of its \(entries.count) images is in the dataset (\(unknown.prefix(3).joined(separator: ", ")))",
        path: path, expected: "the names of the dataset's image files, with or without extension",
        action: "give the proposals of these images")
    }
    var report = remarks
    if !unknown.isEmpty {
      report.append(
        "\(unknown.count) images of \(path) are not in the dataset: \(unknown.prefix(3).joined(separator: ", "))"
          + (unknown.count > 3 ? ", …" : ""))
    }
    if withoutProposals > 0 { report.append("\(withoutProposals) images have no proposals in \(path)") }
    if clipped > 0 { report.append("\(clipped) proposals of \(path) reach beyond their image and are clipped to it") }
    return report
      + BoxProblem.allCases.compactMap { problem in
        leftOut[problem].map { "\($0) proposals of \(path) \(problem.rawValue) and are left out" }
      }
  }
}
