import Datasets
import Foundation
import Images
import Testing

/// Training under a limit for all memory that a process may write to.
@Suite struct TrainMemoryTests {
  private static let configuration = """
    network:
      layers:
        - {kind: convolution, name: features.conv, outputs: 4, kernel: 3, padding: 1}
        - {kind: relu, name: features.relu}
      head: {kind: gap}
    threads: 2
    data: {path: data.h5, resize: {shorter: 16}, batch: 8}
    epochs: 1
    """

  /// A dataset of images of one megabyte, which take little space on the disk; two each to validate and to test.
  private static func makeData(_ count: Int, in directory: String) throws {
    var writer = try DatasetWriter(
      path: directory + "/data.h5",
      header: DatasetHeader(name: "plain", source: "", license: "", classNames: ["dark", "light"], channels: 1))
    for index in 0..<count {
      let pixels = [UInt8](repeating: index % 2 == 0 ? 40 : 200, count: 1_000_000)
      try writer.append(
        Image(height: 1_000, width: 1_000, channels: 1, pixels: pixels), regions: [LabeledRegion(label: index % 2)])
    }
    try writer.finish(splits: [.validation: [0, 1], .test: [2, 3], .train: Array(4..<count)])
    try Data(configuration.utf8).write(to: URL(fileURLWithPath: directory + "/run.yaml"))
  }

  /// Trains with 128 MB.
  private static func train(in directory: String) throws -> Command {
    try Command(
      "-c", "ulimit -d 125000; SWIFT_BACKTRACE=enable=no exec \"$0\" train run.yaml --run run",
      try Command.executable().path, of: URL(fileURLWithPath: "/bin/sh"), in: directory)
  }

  @Test func aDatasetOfTenTimesTheMemoryAllowedTrains() throws {
    try withDirectory { directory in
      try Self.makeData(1_300, in: directory)
      let training = try Self.train(in: directory)
      #expect(training.status == 0, "\(training.errors)")
      #expect(training.errors.contains("162/162 steps"), "\(training.errors)")
      #expect(training.errors.contains("waited for data"), "\(training.errors)")
    }
  }

  /// The control: a dataset that is small enough to be held in memory does not go under the same limit.
  @Test func theMemoryAllowedIsALimit() throws {
    try withDirectory { directory in
      try Self.makeData(200, in: directory)
      let training = try Self.train(in: directory)
      #expect(training.status != 0, "\(training.errors)")
    }
  }
}
