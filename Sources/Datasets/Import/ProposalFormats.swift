import HDF5
internal import Serialization
internal import Support

/// The formats of proposals.
enum ProposalFormats {
  private struct Result: Decodable {
    var imageId: COCOIdentifier
    var bbox: [Double]
    var score: Double?
  }

  /// COCO's results of detections: a list of `image_id`, `bbox` (x, y, width, height) and `score`; categories do not count.
  static func results(_ path: String) throws(FileError) -> ProposalList {
    var list = ProposalList(path: path)
    let results = try COCOText.decode(
      [Result].self, of: path, called: "COCO results", expected: "a list of image_id, bbox and score")
    for (index, result) in results.enumerated() {
      guard result.bbox.count == 4 else {
        throw FileError(
          what: "[\(index)].bbox has \(result.bbox.count) numbers", path: path, expected: "x, y, width and height")
      }
      let (x, y) = (result.bbox[0], result.bbox[1])
      try list.add(
        BoxGeometry(x1: x, y1: y, x2: x + result.bbox[2], y2: y + result.bbox[3], corner: .exclusive),
        score: result.score ?? 0, to: "\(result.imageId)")
    }
    let unscored = results.count { $0.score == nil }
    if unscored > 0 { list.remarks.append("\(unscored) proposals of \(path) have no score, which counts as 0") }
    return list
  }

  /// A CSV file: image, x1, y1, x2, y2 (or x, y, width, height), and score if it likes.
  static func table(_ path: String, in workplace: ImportWorkplace) throws(FileError) -> ProposalList {
    let source = try CSVSource(path, CSVReading(), in: workplace)
    var list = ProposalList(path: path)
    list.remarks = source.remarks
    var columns: BoxColumns?
    try source.records(workplace) { record throws(FileError) in
      let fields = source.fields(of: record.bytes).map(CSVSource.text)
      if columns == nil, !fields.contains(where: { CSVSource.number($0) != nil }), BoxColumns.areNamed(in: fields) {
        columns = try BoxColumns(header: fields, path: path, of: .proposals)
        return
      }
      let known = columns ?? BoxColumns(hasSizes: false, path: path, of: .proposals)
      columns = known
      func field(_ column: BoxColumns.Column) -> String {
        known.place(of: column).flatMap { fields.indices.contains($0) ? fields[$0] : nil } ?? ""
      }
      guard !field(.image).isEmpty else {
        throw source.refusal(record.line, "no image", expected: "the name of an image")
      }
      guard let box = try known.geometry(known.box.map(field), record.line, of: source) else {
        throw source.refusal(record.line, "no box", expected: "four numbers")
      }
      let score = field(.score)
      guard let number = score.isEmpty ? 0 : CSVSource.number(score) else {
        throw source.refusal(record.line, "score \(score)", expected: "a number, or none")
      }
      try list.add(box, score: number, to: field(.image))
    }
    if let columns { list.remarks.append(columns.remark) }
    return list
  }

  /// NumPy's archive of an array for each image by its name: `[n, 4]` of x1, y1, x2, y2, or `[n, 5]` with scores.
  ///
  /// Corners count from 0 and are inclusive.
  static func arrays(_ path: String) throws(FileError) -> ProposalList {
    var list = ProposalList(path: path)
    let file = try ArrayFile(opening: path)
    for entry in file.entries {
      let shape = entry.array.shape
      guard shape.count == 2, [4, 5].contains(shape[1]), !entry.name.isEmpty, shape[0] <= ProposalList.limit else {
        throw FileError(
          what: "an array \(entry.name) of shape \(shape)", path: path,
          expected: "[n, 4] or [n, 5] for each image, under the name of its file",
          action: "save one array for each image with numpy.savez")
      }
      list.add(image: entry.name)
      let numbers = try entry.array.numbers(in: 0..<entry.array.count)
      for first in stride(from: 0, to: numbers.count, by: shape[1]) {
        try list.add(
          BoxGeometry(
            x1: numbers[first], y1: numbers[first + 1], x2: numbers[first + 2], y2: numbers[first + 3],
            corner: .inclusive(from: 0)), score: shape[1] == 5 ? numbers[first + 4] : 0, to: entry.name)
      }
    }
    list.remarks.append(
      "\(path): the arrays' columns are x1, y1, x2, y2, counted from 0 and inclusive, and the score where there are five"
    )
    if !file.leftOut.isEmpty {
      list.remarks.append("\(path): not read: \(file.leftOut.prefix(5).joined(separator: ", "))")
    }
    return list
  }

  /// MATLAB's format 7.3 as selective search writes it (Uijlings et al. 2013): the cell arrays `images`, names, and `boxes`,
  /// one `[n, 4]` of y1, x1, y2, x2 for each, which count from 1 and are inclusive.
  static func cells(_ path: String) throws(FileError) -> ProposalList {
    var list = ProposalList(path: path)
    let file = try withFileErrors { () throws(HDF5Error) in try HDF5File(opening: path) }
    for name in ["/images", "/boxes"] where !file.exists(name) {
      throw FileError(
        what: "no array \(name.dropFirst())", path: path,
        expected: "the cell arrays images and boxes, as selective search writes them", action: "save both in one file")
    }
    let names = try LabelValues.texts(ofCells: "/images", of: file)
    let boxes = try withFileErrors { () throws(HDF5Error) in try file.dataset("/boxes") }
    guard try MATLABClass(of: boxes)?.name == "cell" else {
      throw FileError(what: "boxes is no cell array", path: path, expected: "a cell of boxes for each image")
    }
    let cells = try withFileErrors { () throws(HDF5Error) in try boxes.references() }
    guard cells.count == names.count else {
      throw FileError(
        what: "\(cells.count) cells of boxes for \(names.count) images", path: path, expected: "one for each")
    }
    for (name, cell) in zip(names, cells) {
      list.add(image: name)
      let dataset = try withFileErrors { () throws(HDF5Error) in try file.dataset(at: cell) }
      let kind = try MATLABClass(of: dataset)
      if kind?.isEmpty == true { continue }
      let shape = dataset.shape
      guard kind?.isNumeric == true, shape.count == 2, shape[0] == 4, dataset.count <= 4 * ProposalList.limit else {
        throw FileError(
          what: "the boxes of \(name) are of shape \(Array(shape.reversed())), class \(kind?.name ?? "unknown")",
          path: path, expected: "[n, 4] numbers: y1, x1, y2, x2")
      }
      let values = try withFileErrors { () throws(HDF5Error) in try dataset.read(as: Double.self) }
      let count = shape[1]
      for index in 0..<count {
        try list.add(
          BoxGeometry(
            x1: values[count + index], y1: values[index], x2: values[3 * count + index], y2: values[2 * count + index],
            corner: .inclusive(from: 1)), score: 0, to: name)
      }
    }
    list.remarks.append(
      "\(path): the boxes' columns are y1, x1, y2, x2, counted from 1 and inclusive, as selective search writes them")
    return list
  }
}
