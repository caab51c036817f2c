import Bulkhead
import Foundation
import Testing

/// A folder of its own for a test, with datasets of made-up images in it.
struct Workspace {
  let path: String

  /// Runs `body` in a fresh folder that is removed afterwards.
  static func with<Value>(_ body: (Workspace) async throws -> Value) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(Workspace(path: path))
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: file(name), atomically: true, encoding: .utf8)
  }

  func bytes(of name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: file(name))) }

  /// Rows of 8 × 8 gray images in two classes, which differ in the half that is bright.
  func writeRows(to name: String, count: Int = 80) throws {
    let rows = (0..<count).map { image in
      let pixels = (0..<64).map { ($0 / 32 == image % 2 ? 150 : 20) + ($0 * 7 + image * 13) % 80 }
      return (pixels + [image % 2]).map(String.init).joined(separator: ",")
    }
    try write(rows.joined(separator: "\n"), to: name)
  }

  /// A dataset of these rows: 10 images per class test, 10 validate, 20 train.
  @discardableResult
  func makeDataset(_ name: String = "a.h5") throws -> LabeledDataset {
    try writeRows(to: "rows.csv")
    var preparation = DatasetPreparation(.csv(file("rows.csv"), label: .last), name: "a")
    (preparation.validation, preparation.test) = (.count(10), .count(10))
    try preparation.run(writingTo: file(name))
    return try LabeledDataset(opening: file(name))
  }

  /// A small network on the dataset.
  func configuration(epochs: Int = 3) throws -> TrainingConfiguration {
    var configuration = TrainingConfiguration(dataset: file("a.h5"))
    configuration.network = NetworkModel(.smallVGG, head: .fullyConnected(width: 8, depth: 1))
    (configuration.epochs, configuration.batchSize, configuration.threads) = (epochs, 8, 1)
    configuration.learningRate = 0.05
    return try configuration.setting("data.sizes", to: "[28, 32]").setting("data.evaluationSize", to: "28")
  }

  /// The program `bulkhead` of this build.
  static func executable() throws -> String {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let program = tests.deletingLastPathComponent().appendingPathComponent("bulkhead").path
    try #require(FileManager.default.isExecutableFile(atPath: program))
    return program
  }
}

/// The kind of the error that `body` throws; nil where it throws none.
func kind(_ body: () throws(BulkheadError) -> Void) -> BulkheadError.Kind? {
  do {
    try body()
    return nil
  } catch { return error.kind }
}
