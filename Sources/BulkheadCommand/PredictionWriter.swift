import ArgumentParser
import Foundation
import Support
import Tensors
import Training

/// How predictions are written.
enum PredictionFormat: String, ExpressibleByArgument, CaseIterable {
  case csv, jsonl

  /// That of a file's name; on a terminal nil, which is a table.
  init?(of output: String?) {
    guard let output else {
      if isatty(STDOUT_FILENO) == 1 { return nil }
      self = .csv
      return
    }
    let end = output.split(separator: ".").last?.lowercased() ?? ""
    self = ["jsonl", "json", "ndjson"].contains(end) ? .jsonl : .csv
  }
}

/// Writes predictions line by line to a file or to standard output, or as a table at the end.
struct PredictionWriter: ~Copyable {
  /// nil is a table.
  private let format: PredictionFormat?
  private let file: AtomicFile?
  private let top: Int
  private let hasBoxes: Bool
  private var rows: [[String]] = []

  /// - Parameters:
  ///   - top: classes of each prediction.
  ///   - hasBoxes: whether there are columns for regions.
  /// - Throws: `FileError` where the file cannot be made.
  init(_ format: PredictionFormat?, to path: String?, top: Int, hasBoxes: Bool) throws {
    file = try Self.file(path)
    (self.format, self.top, self.hasBoxes) = (format, top, hasBoxes)
  }

  private static func file(_ path: String?) throws -> AtomicFile? {
    guard let path else { return nil }
    return try AtomicFile(replacing: path)
  }

  /// Writes the header of a CSV file.
  func begin() throws {
    if format == .csv { try write(CSVText.record(header)) }
  }

  private var header: [String] {
    ["file"] + (hasBoxes ? ["x1", "y1", "x2", "y2"] : [])
      + (1...top).flatMap { $0 == 1 ? ["class", "probability"] : ["class\($0)", "probability\($0)"] }
  }

  /// Writes a prediction, or keeps it for the table.
  mutating func add(_ prediction: ImagePrediction) throws {
    if format == .jsonl {
      try write(String(decoding: Self.encoder.encode(Line(prediction)), as: UTF8.self) + "\n")
      return
    }
    let sides = prediction.box.map { [$0.x1, $0.y1, $0.x2, $0.y2].map(Self.text) } ?? ["", "", "", ""]
    var fields = [prediction.file] + (hasBoxes ? sides : [])
    for place in 0..<top {
      let share = prediction.shares.indices.contains(place) ? prediction.shares[place] : nil
      fields += [share?.name ?? "", share.map { format == nil ? $0.percent : "\(Float($0.probability))" } ?? ""]
    }
    if format == .csv { try write(CSVText.record(fields)) } else { rows.append(fields) }
  }

  /// Shows the table, or puts the file in its place.
  consuming func finish() throws {
    if format == nil { try write(TextTable(header: header, rows: rows).text) }
    switch consume file {
    case .some(let file): try file.putInPlace()
    case .none: break
    }
  }

  private borrowing func write(_ text: String) throws {
    switch file {
    case .some(let file): try file.file.append(Array(text.utf8).span)
    case .none: try standardOutput(text)
    }
  }

  private static let encoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }()

  /// A line of JSON.
  private struct Line: Encodable {
    var file: String
    var box: [Float]?
    var `class`: String?
    var probability: Double?
    var classes: [ImagePrediction.Share]

    init(_ prediction: ImagePrediction) {
      file = prediction.file
      box = prediction.box.map { [$0.x1, $0.y1, $0.x2, $0.y2] }
      (`class`, probability) = (prediction.shares.first?.name, prediction.shares.first?.probability)
      classes = prediction.shares
    }
  }

  private static func text(_ side: Float) -> String {
    side == side.rounded() && abs(side) < 0x1p24 ? "\(Int(side))" : "\(side)"
  }
}

extension ImagePrediction.Share {
  fileprivate var percent: String { (100 * probability).formatted(digits: 1) + " %" }
}
