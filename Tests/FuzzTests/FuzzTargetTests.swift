import Foundation
import FuzzTargets
import Tensors
import Testing

/// Every reader of untrusted bytes with inputs found before, and a short run of generated inputs.
@Suite struct FuzzTargetTests {
  /// The readers that run in this process; libhdf5's own faults are for the process of `--untrusted`, and a made file
  /// goes to libhdf5 past our lock.
  private static let targets = FuzzTarget.allCases.filter { $0 != .hdf5 && $0 != .made }

  @Test(arguments: targets) func nothingThatWasFoundBeforeIsFoundAgain(_ target: FuzzTarget) throws {
    let directory = try FuzzDirectory()
    defer { directory.remove() }
    for path in try inputs(of: target) { target.read(Array(try Data(contentsOf: path)), in: directory) }
  }

  @Test(arguments: targets) func changedInputsAreReadOrRefused(_ target: FuzzTarget) throws {
    let directory = try FuzzDirectory()
    defer { directory.remove() }
    var stream = RandomStream(seed: 7, keys: RandomStream.key(target.rawValue))
    var seeds = try (inputs(of: target) + seedFiles(of: target)).map { Array(try Data(contentsOf: $0)) }
    if seeds.isEmpty { seeds = Self.noise(&stream) }
    for _ in 0..<200 {
      var bytes = seeds[Int.random(in: 0..<seeds.count, using: &stream)]
      for _ in 0..<Int.random(in: 1...4, using: &stream) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &stream)
        switch Int.random(in: 0..<4, using: &stream) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &stream)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + 3))
        case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
        default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &stream)
        }
      }
      target.read(bytes, in: directory)
    }
  }

  @Test func theGuardDistinguishesGeneratedFiles() async {
    await #expect(processExitsWith: .success) {
      let directory = try FuzzDirectory()
      defer { directory.remove() }
      var stream = RandomStream(seed: 8)
      for _ in 0..<25 { for bytes in FuzzTargetTests.noise(&stream) { FuzzTarget.made.read(bytes, in: directory) } }
    }
  }

  /// Random bytes of several lengths.
  fileprivate static func noise(_ stream: inout RandomStream) -> [[UInt8]] {
    (1...8).map { size in (0..<64 * size).map { _ in UInt8.random(in: 0...255, using: &stream) } }
  }

  /// What was found, small files by target.
  private func inputs(of target: FuzzTarget) throws -> [URL] {
    try files(in: Bundle.module.bundleURL.appending(path: "Fixtures/\(target.rawValue)"))
  }

  private func seedFiles(of target: FuzzTarget) throws -> [URL] {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let weights = tests.appending(path: "WeightsTests/Fixtures/weights")
    let arrays = tests.appending(path: "DatasetsTests/Fixtures/import")
    let images = tests.appending(path: "ImagesTests/Fixtures/matrix")
    let (folder, endings): (URL, [String]) =
      switch target {
      case .safetensors: (weights, ["safetensors"])
      case .onnx: (weights, ["onnx"])
      case .caffemodel, .prototxt: (tests.appending(path: "WeightsTests/Fixtures/matrix"), [target.rawValue])
      case .pickle: (tests.appending(path: "WeightsTests/Fixtures/pickles"), ["pkl"])
      case .zip: (tests.appending(path: "SerializationTests/Fixtures"), ["zip"])
      case .npz: (tests.appending(path: "WeightsTests/Fixtures/pickles"), ["npz", "npy"])
      case .torch: (tests.appending(path: "WeightsTests/Fixtures/pickles"), ["zip.pt", "legacy.pt", "views.pt"])
      case .npy: (arrays, ["npy"])
      case .proposals: (tests.appending(path: "DatasetsTests/Fixtures/proposals"), ["npz"])
      case .idx: (arrays, ["idx", "idx.gz"])
      case .csv: (arrays, ["csv", "csv.gz"])
      case .raw: (arrays, ["pickle.gz"])
      case .image: (images, ["jpg", "png"])
      case .encoded: (images, ["jpg", "png", "webp", "tif", "bmp", "gif"])
      case .webp: (images, ["webp"])
      case .tiff: (images, ["tif"])
      case .bmp: (images, ["bmp"])
      case .gif: (images, ["gif"])
      default: (weights, [])
      }
    return try files(in: folder).filter { file in
      endings.contains { file.lastPathComponent == $0 || file.path.hasSuffix("." + $0) }
    }
  }

  private func files(in folder: URL) throws -> [URL] {
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .sorted { $0.path < $1.path }
  }
}
