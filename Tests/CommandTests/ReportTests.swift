import Foundation
import Testing

/// The page of a run through the program.
@Suite struct ReportTests {
  private func train(in directory: String) throws {
    try writeHalves(40, in: directory)
    let prepared = try Command(
      "prepare", "csv", "a.csv", "--label", "last", "--test", "4", "--validation", "6", "--output", "a.h5",
      in: directory)
    #expect(prepared.status == 0, "\(prepared.errors)")
    let configuration = """
      network: {head: {kind: fc, width: 8, depth: 1, dropout: 0}}
      data: {path: a.h5, batch: 4, sizes: [28], evaluationSize: 28}
      epochs: 2
      threads: 1
      """
    try Data(configuration.utf8).write(to: URL(fileURLWithPath: directory + "/net.yaml"))
    let trained = try Command("train", "net.yaml", "--run", "run", in: directory)
    #expect(trained.status == 0, "\(trained.errors)")
  }

  @Test func aPageIsWrittenAndNothingElseReplaced() throws {
    try withDirectory { directory in
      try train(in: directory)
      func text(_ name: String) throws -> String { try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8) }
      let first = try Command("report", "run", in: directory)
      #expect(first.status == 0 && first.output == "run/report.html\n", "\(first.errors)")
      #expect(try text("run/report.html").contains("on the 12 validation samples of "))
      // The page in its own place is written again, as what it shows has changed.
      let again = try Command("report", "run", "--split", "test", "--picture", "0", in: directory)
      #expect(again.status == 0, "\(again.errors)")
      let test = try text("run/report.html")
      #expect(test.contains("on the 8 test samples of ") && test.contains("id=\"feature-maps\""))
      // Any other file stays.
      for (name, options) in [("mine.html", ["-o", "mine.html"]), ("run/report.html", [])] {
        try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
        let refused = try Command(["report", "run"] + options, in: directory)
        #expect(refused.status == 64 && refused.errors.contains("\(name): it exists already"), "\(refused.errors)")
        #expect(try text(name) == "mine")
        let replaced = try Command(["report", "run", "--overwrite"] + options, in: directory)
        #expect(try replaced.status == 0 && text(name).hasPrefix("<!DOCTYPE html>"), "\(replaced.errors)")
      }
      for input in ["a.h5", "run/best.h5", "run/metrics.jsonl"] {
        let command = try Command("report", "run", "-o", input, "--overwrite", in: directory)
        #expect(command.status == 64 && command.errors.contains("is never replaced"), "\(command.errors)")
      }
      // A run that has ended is written once.
      let watched = try Command("report", "run", "--watch", in: directory)
      #expect(watched.status == 0 && watched.output == "run/report.html\n", "\(watched.errors)")
      let checked = try Command("verify", "run", in: directory)
      #expect(checked.status == 0, "\(checked.output)")
    }
  }

  @Test func whatHasNoPageIsRefused() throws {
    try withDirectory { directory in
      try train(in: directory)
      let cases: [(arguments: [String], status: Int32, message: String)] = [
        (["nothing"], 66, "nothing: there is no run here"), (["net.yaml"], 66, "net.yaml: there is no run here"),
        (["run", "--on", "b.h5"], 66, "b.h5: there is no such file"),
        (["run", "--picture", "40"], 65, "a.h5: it has 40 images, expected a picture of 0 to 39, not 40"),
        (["run", "--picture", "-1"], 64, "--picture"), (["run", "--split", "none"], 64, "--split"),
        (["run", "--classes", "by-position", "--class-map", "a.csv"], 64, "choose one of the two"),
      ]
      for (arguments, status, message) in cases {
        let command = try Command(["report"] + arguments, in: directory)
        #expect(command.status == status && command.errors.contains(message), "\(arguments): \(command.errors)")
        #expect(!FileManager.default.fileExists(atPath: directory + "/run/report.html"))
      }
      try FileManager.default.moveItem(atPath: directory + "/a.h5", toPath: directory + "/c.h5")
      let gone = try Command("report", "run", in: directory)
      #expect(gone.status == 66 && gone.errors.contains("a.h5: there is no such file, and run was trained on it"))
      let other = try Command("report", "run", "--on", "c.h5", in: directory)
      #expect(other.status == 0, "\(other.errors)")
    }
  }
}
