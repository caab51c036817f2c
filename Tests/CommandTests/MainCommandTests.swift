import Bulkhead
import Foundation
import Testing

@Suite struct MainCommandTests {
  @Test func versionIsThatOfTheLibrary() throws {
    let command = try Command("--version")
    #expect(command.status == 0 && command.errors == "")
    #expect(command.output == BulkheadRelease.version + "\n")
    #expect(BulkheadRelease.version.wholeMatch(of: /\d+\.\d+\.\d+(-dev)?/) != nil)
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completionsKnowEverySubcommand(shell: String) throws {
    let command = try Command("--generate-completion-script", shell)
    #expect(command.status == 0)
    for name in ["prepare", "train", "resume", "evaluate", "verify", "inspect", "convert", "features", "study"] {
      #expect(command.output.contains(name))
    }
  }

  @Test func anEndedReaderEndsNothing() throws {
    let process = Process()
    process.executableURL = try Command.executable()
    process.arguments = ["inspect", "vgg16"]
    let output = Pipe()
    process.standardOutput = output
    try output.fileHandleForReading.close()
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
  }

  @Test func helpListsExitCodes() throws {
    let help = try Command("--help")
    #expect(help.status == 0)
    for code in ["64", "65", "66", "70", "74", "75"] { #expect(help.output.contains("  \(code)  ")) }
  }

  @Test func mistakesHaveOneLineAndACode() throws {
    try withDirectory { directory in
      try Data("hello".utf8).write(to: URL(fileURLWithPath: directory + "/text.h5"))
      try Data("name: x\ndomians: y\n".utf8).write(to: URL(fileURLWithPath: directory + "/study.yaml"))
      try Data("data: {path: nowhere.h5}\n".utf8).write(to: URL(fileURLWithPath: directory + "/good.yaml"))
      try Data("data: {path: nowhere.h5}\nepoch: 3\n".utf8).write(to: URL(fileURLWithPath: directory + "/wrong.yaml"))
      let cases: [(arguments: [String], status: Int32, message: String)] = [
        (["frobnicate"], 64, "bulkhead: Unexpected argument 'frobnicate'"),
        (["inspect", "nowhere.h5"], 66, "bulkhead: nowhere.h5: there is no such file"),
        (["inspect", "text.h5"], 65, "text.h5: it is a plain text; expected weights in HDF5"),
        (
          ["prepare", "csv", "nowhere.csv", "--label", "last", "--output", "a.h5"], 66,
          "nowhere.csv: there is no such file"
        ),
        (["prepare", "csv", "a.csv", "--label", "last", "--header", "maybe", "--output", "a.h5"], 64, "maybe"),
        (["prepare", "csv", "a.csv", "--label", "last", "--axes", "NXY", "--output", "a.h5"], 64, "NXY"),
        (
          ["prepare", "csv", "text.h5", "--label", "last", "--output", "study.yaml"], 64,
          "study.yaml: it exists already; choose another name, or replace it with --overwrite"
        ),
        (
          ["prepare", "idx", "--images", "a", "--labels", "b", "--test-images", "c", "--output", "a.h5"], 64,
          "go together"
        ),
        (["study", "plan", "study.yaml"], 65, #"study.yaml:2: domians: unknown key; did you mean "domains"?"#),
        (["convert", "nowhere.h5", "b.h5", "--layout", "keras"], 66, "nowhere.h5: there is no such file"),
        (
          ["convert", "text.h5", "b.h5", "--layout", "keras"], 65,
          "text.h5: it is a plain text; expected weights in HDF5"
        ),
        (["convert", "text.h5", "b.onnx", "--layout", "onnx"], 64, "onnx is read only"),
        (["convert", "text.h5", "b.h5", "--layout", "torch", "--flatten", "fc6=7x7"], 64, "7x7 is not a map"),
        (
          ["convert", "text.h5", "b.h5", "--layout", "torch", "--flatten", "7x7x512"], 64, "not of the form NAME=VALUE"
        ),
        (["convert", "text.h5", "b.h5", "--layout", "torch", "--rename", "a=b", "--rename", "a=c"], 64, "given twice"),
        (["study", "plan", "nowhere.yaml"], 66, "nowhere.yaml"),
        (["train", "wrong.yaml"], 65, #"wrong.yaml:2: epoch: unknown key; did you mean "epochs"?"#),
        (
          ["train", "good.yaml", "--set", "epoch=3"], 64, #"--set epoch=3: epoch: unknown key; did you mean "epochs"?"#
        ),
        (["train", "good.yaml", "--set", "optimizer.learningRate=fast"], 64, "expected a number, found \"fast\""),
        (["train", "good.yaml"], 66, "nowhere.h5: there is no such file"),
        (["train", "good.yaml", "--set", "data.path=text.h5"], 65, "not an HDF5 file"),
        (["resume", "nowhere"], 66, "nowhere/configuration.yaml: there is no such file"),
        (["resume", "nowhere", "--until", "0"], 64, "--until"),
        (["evaluate", "nowhere"], 66, "nowhere/configuration.yaml: there is no such file"),
      ]
      for (arguments, status, message) in cases {
        let command = try Command(arguments, in: directory)
        #expect(command.status == status, "\(arguments): \(command.errors)")
        #expect(command.errors.hasPrefix("bulkhead: ") && command.errors.contains(message), "\(command.errors)")
        #expect(command.errors.split(separator: "\n").count == 1 && command.output.isEmpty)
      }
    }
  }

  /// A full disk behind standard output is an error of every command.
  @Test(arguments: [["inspect", "vgg16"], ["--help"], ["--version"], ["fetch", "--help"]])
  func lostOutputIsAnError(arguments: [String]) throws {
    for (device, status) in [("/dev/full", Int32(74)), ("/dev/null", 0)] {
      let process = Process()
      process.executableURL = try Command.executable()
      process.arguments = arguments
      process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: device))
      let errors = Pipe()
      process.standardError = errors
      try process.run()
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == status, "\(arguments)")
      #expect(text == (status == 0 ? "" : "bulkhead: standard output: cannot write it: No space left on device\n"))
    }
  }
}
