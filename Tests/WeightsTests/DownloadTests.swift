import Foundation
import TestSupport
import Testing
import Weights

/// Downloads from files and from a server on this machine that hangs up in the middle.
@Suite(.serialized) struct DownloadTests {
  /// 300,000 bytes and their MD5 (Python's hashlib).
  private static let bytes = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
  private static let md5 = "0279cdf4939449bb122176aa3af3046a"

  private func write(_ data: Data, _ path: String) throws { try data.write(to: URL(filePath: path)) }
  private func read(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

  @Test func aFileIsFetchedAndChecked() throws {
    let directory = try TemporaryDirectory()
    try write(Self.bytes, directory.path("source"))
    let download = Download(url: "file://" + directory.path("source"), md5: Self.md5, target: directory.path("target"))
    #expect(try !download.isDone())
    var seen: [Int] = []
    try download.run { seen.append($0) }
    #expect(try read(directory.path("target")) == Self.bytes && seen.last == 300_000 && seen == seen.sorted())
    #expect(try download.isDone() && directory.names() == ["source", "target"])
    try write(Data("other".utf8), directory.path("target"))
    #expect(try failureMessage { _ = try download.isDone() }.contains("another file exists"))
  }

  /// The first half lies in the part and the source has another first half: only going on from the part is right.
  @Test func anExistingFileIsNotFetchedAgain() throws {
    let directory = try TemporaryDirectory()
    try write(Self.bytes.prefix(100_000), directory.path("target.part"))
    try write(Data(count: 100_000) + Self.bytes.dropFirst(100_000), directory.path("source"))
    let download = Download(url: "file://" + directory.path("source"), md5: Self.md5, target: directory.path("target"))
    #expect(download.bytesThere == 100_000)
    try download.run { _ in }
    #expect(try read(directory.path("target")) == Self.bytes && directory.names() == ["source", "target"])
  }

  /// A part that was whole already is put in place; one that is longer than the file starts over.
  @Test func partsOfOddLengths() throws {
    let directory = try TemporaryDirectory()
    try write(Self.bytes, directory.path("source"))
    try write(Self.bytes, directory.path("target.part"))
    let download = Download(url: "file://" + directory.path("source"), md5: Self.md5, target: directory.path("target"))
    try download.run { _ in }
    #expect(try download.isDone())
    try FileManager.default.removeItem(atPath: directory.path("target"))
    try write(Self.bytes + Data("tail".utf8), directory.path("target.part"))
    try download.run { _ in }
    #expect(try download.isDone())
  }

  @Test func aWrongChecksumLeavesNothing() throws {
    let directory = try TemporaryDirectory()
    try write(Self.bytes.dropLast(), directory.path("source"))
    let download = Download(url: "file://" + directory.path("source"), md5: Self.md5, target: directory.path("target"))
    #expect(try failureMessage { try download.run { _ in } }.contains("expected MD5 \(Self.md5)"))
    #expect(try directory.names() == ["source"])
  }

  @Test func addressesThatGiveNothing() throws {
    let directory = try TemporaryDirectory()
    func message(_ url: String) throws -> String {
      try failureMessage { try Download(url: url, md5: Self.md5, target: directory.path("target")).run { _ in } }
    }
    #expect(try message("file://" + directory.path("none")).contains("no such file"))
    // Nothing listens on port 1.
    #expect(try message("http://127.0.0.1:1/a").contains("no network, or the host cannot be reached"))
    #expect(try message("gopher://a/b").contains("expected https://, http:// or file://"))
    #expect(try directory.names().isEmpty)
  }

  /// A server that takes the first connection down after 120,000 bytes, and sends the rest when asked for it.
  @Test func anInterruptedDownloadResumes() throws {
    let directory = try TemporaryDirectory()
    try write(Self.bytes, directory.path("source"))
    let script = """
      import http.server, sys
      data = open(sys.argv[1], "rb").read()
      class Handler(http.server.BaseHTTPRequestHandler):
          asked = []
          def do_GET(self):
              start = int(self.headers.get("Range", "bytes=0-")[6:].rstrip("-"))
              Handler.asked.append(start)
              self.send_response(206 if start else 200)
              self.send_header("Content-Length", str(len(data) - start))
              if start: self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
              self.end_headers()
              self.wfile.write(data[start:120000] if len(Handler.asked) == 1 else data[start:])
              if len(Handler.asked) == 2: open(sys.argv[1] + ".asked", "w").write(str(Handler.asked))
          def log_message(self, *_): pass
      server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
      print(server.server_port, flush=True)
      server.handle_request()
      server.handle_request()
      """
    let server = Process()
    server.executableURL = URL(filePath: "/usr/bin/env")
    server.arguments = ["python3", "-c", script, directory.path("source")]
    let output = Pipe()
    server.standardOutput = output
    try server.run()
    defer {
      server.terminate()
      server.waitUntilExit()
    }
    let port = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    let download = Download(
      url: "http://127.0.0.1:\(port)/weights.h5", md5: Self.md5, target: directory.path("target"))
    #expect(try failureMessage { try download.run { _ in } }.contains("the transfer stopped after 120000 bytes"))
    #expect(try directory.names() == ["source", "target.part"])
    try download.run { _ in }
    #expect(try read(directory.path("target")) == Self.bytes)
    server.waitUntilExit()
    #expect(String(decoding: try read(directory.path("source.asked")), as: UTF8.self) == "[0, 120000]")
  }

  /// An error thrown by the progress handler ends curl; the part is kept.
  @Test func aDownloadCanBeStopped() throws {
    struct Stop: Error {}
    let directory = try TemporaryDirectory()
    try write(Self.bytes.prefix(1000), directory.path("target.part"))
    try write(Self.bytes, directory.path("source"))
    let download = Download(url: "file://" + directory.path("source"), md5: Self.md5, target: directory.path("target"))
    #expect(throws: Stop.self) { try download.run { _ in throw Stop() } }
    #expect(try directory.names() == ["source", "target.part"])
  }
}
