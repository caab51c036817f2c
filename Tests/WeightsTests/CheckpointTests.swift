import Foundation
import HDF5
import Support
import Tensors
import TestSupport
import Testing
import Weights

struct CheckpointTests {
  private func example() -> Checkpoint {
    var parameters = exampleParameters()
    parameters["head.fc6.bias"] = Tensor([.nan, -0, .infinity, .leastNonzeroMagnitude, 1])
    let velocities = Parameters(
      parameters.filter { $0.name.hasPrefix("head") }.reversed().map { ("velocity/" + $0.name, $0.tensor) })
    return Checkpoint(parameters: parameters, optimizer: velocities, state: #"{"step": 17, "größe": "✓"}"#)
  }

  @Test func everyBitComesBackInOrder() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("last.h5")
    let checkpoint = example()
    try checkpoint.write(to: path)
    let again = try Checkpoint(reading: path)
    #expect(again == checkpoint)
    #expect(again.parameters.names == checkpoint.parameters.names)
    #expect(again.optimizer.names == ["velocity/head.fc6.bias", "velocity/head.fc6.weight"])
    try again.write(to: path)
    #expect(try Checkpoint(reading: path) == checkpoint)
    #expect(try directory.names() == ["last.h5"])
  }

  /// Tensors of any optimizer come back under their names; one that keeps velocities alone writes the file that it always
  /// wrote.
  @Test func theTensorsOfAnyOptimizerComeBack() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("last.h5")
    let state = Parameters([
      ("exp_avg/head.fc6.bias", Tensor([1, 2])), ("exp_avg_sq/head.fc6.bias", Tensor([3, 4])),
      ("step/head.fc6.bias", Tensor([17])),
    ])
    let checkpoint = Checkpoint(parameters: exampleParameters(), optimizer: state, state: "{}")
    try checkpoint.write(to: path)
    let again = try Checkpoint(reading: path)
    #expect(again == checkpoint && again.optimizer.names == state.names)
    #expect(try HDF5File(opening: path).strings(ofAttribute: "optimizer") == state.names)
    try example().write(to: path)
    #expect(try !HDF5File(opening: path).hasAttribute("optimizer"))
    #expect(try HDF5File(opening: path).strings(ofAttribute: "velocities") == ["head.fc6.bias", "head.fc6.weight"])
  }

  @Test func itsWeightsAreReadAsAnyWeights() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("last.h5")
    try Checkpoint(parameters: exampleParameters(), optimizer: Parameters(), state: "{}").write(to: path)
    let file = try WeightsFile(opening: path)
    #expect(file.layout == "Keras legacy in /model_weights, Keras 2.15.0")
    #expect(try LoadingPlan(network: specification(exampleParameters()), from: file).load() == exampleParameters())
  }

  @Test func aLongStateComesBack() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("last.h5")
    let checkpoint = Checkpoint(
      parameters: exampleParameters(), optimizer: Parameters(), state: String(repeating: "0123456789", count: 100_000))
    try checkpoint.write(to: path)
    #expect(try Checkpoint(reading: path) == checkpoint)
  }

  @Test func aChangedByteIsNoticed() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("last.h5")
    try example().write(to: path)
    let bytes = try Data(contentsOf: URL(filePath: path))
    var stream = RandomStream(seed: 4)
    for _ in 0..<300 {
      var damaged = bytes
      damaged[stream.integer(below: bytes.count)] ^= UInt8(1 << stream.integer(below: 8))
      try damaged.write(to: URL(filePath: path))
      let message = fileError { _ = try Checkpoint(reading: path) }?.message ?? "read"
      #expect(message.contains("checksum"), "\(message)")
    }
  }

  @Test func otherFilesAreRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("last.h5")
    #expect(fileError { _ = try Checkpoint(reading: path) }?.kind == .missing)
    #expect(
      fileError { _ = try Checkpoint(reading: weightsFixture("keras3.h5")) }?.message.contains("not a checkpoint")
        == true)
    try example().write(to: path)
    do {
      let file = try HDF5File(opening: path, .readWrite)
      try file.setAttribute("version", to: 3)
      try file.close()
    }
    #expect(fileError { _ = try Checkpoint(reading: path) }?.message.contains("version 3") == true)
    try example().write(to: path)
    let bytes = try Data(contentsOf: URL(filePath: path))
    try bytes.dropLast(10).write(to: URL(filePath: path))
    #expect(fileError { _ = try Checkpoint(reading: path) }?.message.contains("cut off") == true)
    try bytes.dropLast(100).write(to: URL(filePath: path))
    #expect(fileError { _ = try Checkpoint(reading: path) }?.message.contains("truncated") == true)
    try (bytes + [0]).write(to: URL(filePath: path))
    #expect(fileError { _ = try Checkpoint(reading: path) }?.message.contains("cut off") == true)
  }

  // In a separate process, as the limit holds for all its files.
  @Test func aFullDiskLeavesThePreviousCheckpoint() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let path = directory.path("last.h5")
      let previous = Checkpoint(parameters: exampleParameters(), optimizer: Parameters(), state: "{}")
      try previous.write(to: path)
      var limit = rlimit(rlim_cur: 1 << 18, rlim_max: 1 << 18)
      #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      var next = previous
      next.parameters["head.fc7.weight"] = Tensor(zeros: [1 << 17])
      let error = fileError { try next.write(to: path) }
      #expect(error?.kind == .system && error?.message.contains("File too large") == true)
      #expect(try Checkpoint(reading: path) == previous)
      #expect(try directory.names() == ["last.h5"])
    }
  }
}
