import Foundation
import Tensors
import Testing
import Weights

@Suite struct TrustTests {
  @Test func aGoodFileIsReadAsBefore() throws {
    try withDirectory { directory in
      let parameters = Parameters([("h.fc.weight", Tensor(repeating: 1, shape: [4, 2]))])
      try WeightsFile.write(parameters, to: directory + "/a.h5")
      let plain = try Command("inspect", "a.h5", in: directory)
      let careful = try Command("inspect", "a.h5", "--untrusted", in: directory)
      #expect(careful.status == 0 && careful.output == plain.output, "\(careful.errors)")
      let converted = try Command(
        "convert", "a.h5", "b.safetensors", "--layout", "safetensors", "--untrusted", in: directory)
      #expect(converted.status == 0, "\(converted.errors)")
      for name in ["a.h5", "b.safetensors"] {
        let verified = try Command("verify", name, "--untrusted", in: directory)
        #expect(
          verified.status == 0 && verified.output.contains("1 tensors of weights, all finite"), "\(verified.errors)")
      }
      let missing = try Command("inspect", "none.h5", "--untrusted", in: directory)
      #expect(missing.status == 66, "\(missing.errors)")
    }
  }

  @Test func aPipeIsRefusedAtOnce() throws {
    try withDirectory { directory in
      #expect(mkfifo(directory + "/pipe.h5", 0o600) == 0)
      for option in [[], ["--untrusted"]] {
        let command = try Command(["inspect", "pipe.h5"] + option, in: directory)
        #expect(command.status == 65 && command.errors.contains("not a file"), "\(command.errors)")
      }
    }
  }

  /// Two faults of libhdf5 that a fuzzer found: it reads beyond a header, and loops forever over a heap.
  @Test func filesThatHarmLibhdf5AreRefused() throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    for name in ["attribute-overread.h5", "heap-of-no-size.h5"] {
      let path = tests.appendingPathComponent("FuzzTests/Fixtures/hdf5/\(name)").path
      let command = try Command(name.hasPrefix("heap") ? "inspect" : "verify", path, "--untrusted")
      #expect(command.status == 65 && command.errors.hasPrefix("bulkhead: "), "\(command.errors)")
      #expect(command.errors.contains("took too long") == (name == "heap-of-no-size.h5"), "\(command.errors)")
    }
  }

  /// Bytes of the structure are flipped: libhdf5 1.10 crashes on some, and no crash reaches the user.
  @Test func noFlippedByteCrashesTheProgram() throws {
    try withDirectory { directory in
      let parameters = Parameters([
        ("f.conv.weight", Tensor(repeating: 1, shape: [1, 1, 1, 2])), ("h.fc.weight", Tensor([1, 2], shape: [2, 1])),
      ])
      try WeightsFile.write(parameters, to: directory + "/a.h5")
      let whole = try Data(contentsOf: URL(fileURLWithPath: directory + "/a.h5"))
      var generator = RandomStream(seed: 4)
      for _ in 0..<60 {
        var bytes = whole
        for _ in 0..<4 {
          bytes[Int.random(in: 8..<min(8192, bytes.count), using: &generator)] = UInt8.random(
            in: 0...255, using: &generator)
        }
        try bytes.write(to: URL(fileURLWithPath: directory + "/b.h5"))
        let command = try Command("inspect", "b.h5", "--untrusted", in: directory)
        #expect([0, 65, 66].contains(command.status), "\(command.status): \(command.errors)")
        #expect(command.status == 0 || command.errors.hasPrefix("bulkhead: "), "\(command.errors)")
      }
    }
  }
}
