import Foundation
import Support
import TestSupport
import Testing
import Weights

/// Files that try to run code or to exhaust memory: each is refused with one error.
@Suite struct MaliciousFileTests {
  /// Names with a part of the message; `Fixtures/malicious/make_malicious_files.py` wrote them.
  private static func list() throws -> [(name: String, expected: String)] {
    try String(contentsOfFile: weightsFixture("malicious/expected.txt"), encoding: .utf8).split(separator: "\n").map {
      let parts = $0.split(separator: " ", maxSplits: 1)
      return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }
  }

  @Test func eachIsRefusedWithOneError() throws {
    let list = try Self.list()
    #expect(list.count >= 180)
    for (name, expected) in list {
      let path = weightsFixture("malicious/" + name)
      do throws(FileError) {
        let file = try WeightsFile(opening: path)
        Issue.record("\(name) was read: \(file.layout)")
      } catch {
        #expect(error.message.contains(expected) && !expected.isEmpty, "\(name): \(error.message)")
        #expect(error.message.hasPrefix(path), "\(name): \(error.message)")
        #expect(error.kind == .badData, "\(name)")
        #expect(!error.message.unicodeScalars.contains { $0.value < 32 }, "\(name): \(error.message)")
      }
    }
    for owned in ["owned", "Fixtures/owned", "Fixtures/malicious/owned"] {
      #expect(!FileManager.default.fileExists(atPath: owned))
    }
  }

  @Test func everyFileIsInTheList() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: weightsFixture("malicious"))
    let files = names.filter { $0 != "expected.txt" && !$0.hasSuffix(".py") }
    #expect(files.sorted() == (try Self.list().map(\.name)).sorted())
  }
}
