import Foundation
import Tensors
import Testing
import Weights

/// The program as its users have it: a process, its two streams and its exit code.
struct Command {
  let status: Int32
  let output: String
  let errors: String

  /// Where the program lies.
  static func executable() throws -> URL {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let program = tests.deletingLastPathComponent().appendingPathComponent("bulkhead")
    try #require(FileManager.default.isExecutableFile(atPath: program.path))
    return program
  }

  init(_ arguments: String..., of program: URL? = nil, in directory: String? = nil) throws {
    try self.init(arguments, of: program, in: directory)
  }

  init(
    _ arguments: [String], of program: URL? = nil, in directory: String? = nil, environment: [String: String] = [:]
  ) throws {
    let process = Process()
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.executableURL = try program ?? Self.executable()
    process.arguments = arguments
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    self.errors = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationStatus
  }
}

/// A fresh directory, removed after `body`.
func withDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

@Suite struct CommandTests {
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
        (["inspect", "text.h5"], 65, "not an HDF5 file"),
        (
          ["prepare", "csv", "nowhere.csv", "--label", "last", "--output", "a.h5"], 66,
          "nowhere.csv: there is no such file"
        ),
        (["prepare", "csv", "a.csv", "--label", "middle", "--output", "a.h5"], 64, "middle"),
        (
          ["prepare", "idx", "--images", "a", "--labels", "b", "--test-images", "c", "--output", "a.h5"], 64,
          "go together"
        ),
        (["study", "plan", "study.yaml"], 65, #"study.yaml:2: domians: unknown key; did you mean "domains"?"#),
        (["convert", "nowhere.h5", "b.h5", "--layout", "keras"], 66, "nowhere.h5: there is no such file"),
        (["convert", "text.h5", "b.h5", "--layout", "keras"], 65, "not an HDF5 file"),
        (["convert", "text.h5", "b.onnx", "--layout", "onnx"], 64, "ONNX is read only"),
        (["convert", "text.h5", "b.h5", "--layout", "torch", "--flatten", "fc6=7x7"], 64, "7x7 is no map"),
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

  @Test func networksAreInspectedByNameAndByFile() throws {
    try withDirectory { directory in
      let vgg = try Command("inspect", "vgg16", in: directory)
      #expect(vgg.status == 0, "\(vgg.errors)")
      for part in ["138,357,544, 553.4 MB", "hidden layers 119,545,856 (86.4 %)", "15,470,264,320", "7 × 7 × 512"] {
        #expect(vgg.output.contains(part), "\(vgg.output)")
      }
      try Data(
        """
        network: {preset: lenet, head: {kind: gap}}
        """.utf8
      ).write(to: URL(fileURLWithPath: directory + "/net.yaml"))
      let options = ["--size", "28", "--channels", "1", "--classes", "10"]
      let gap = try Command(["inspect", "net.yaml"] + options, in: directory)
      #expect(gap.output.contains("26,080"), "\(gap.output)\(gap.errors)")
      let tooSmall = try Command("inspect", "lenet", "--size", "8", in: directory)
      #expect(tooSmall.status == 65 && tooSmall.errors.contains("features.conv2 gets 2 × 2 × 20"), "\(tooSmall.errors)")
      let unknown = try Command("inspect", "vgg16", "--head", "fcc", in: directory)
      #expect(unknown.status == 64 && unknown.errors.contains("gap-cut"))
    }
  }

  @Test func aPreparedDatasetCanBeInspected() throws {
    try withDirectory { directory in
      // 20 pictures of 2 x 2 pixels in two classes.
      let rows = (0..<20).map { "\($0),\(10 * $0),7,\(255 - $0),\($0 % 2)" }.joined(separator: "\n")
      try Data(rows.utf8).write(to: URL(fileURLWithPath: directory + "/a.csv"))
      let prepare = try Command(
        "prepare", "csv", "a.csv", "--label", "last", "--classes", "even, odd", "--test", "2", "--validation", "20%",
        "--output", "a.h5", in: directory)
      #expect(prepare.status == 0, "\(prepare.errors)")
      #expect(prepare.output.contains("even       6           2     2"), "\(prepare.output)")
      let inspect = try Command("inspect", "a.h5", in: directory)
      #expect(inspect.status == 0)
      #expect(inspect.output.contains("20 images of 2 x 2 pixels, 1 channel, 20 regions"), "\(inspect.output)")
    }
  }

  @Test func aSourceLargerThanTheMemoryAllowedIsPrepared() throws {
    try withDirectory { directory in
      // 480 MB of zeros that take no room on the disk, under a limit of 400 MB for everything that the process maps.
      let (count, side) = (1_920, 500)
      func header(_ kind: UInt8, _ extents: [Int]) -> Data {
        Data([0, 0, 8, kind] + extents.flatMap { extent in [24, 16, 8, 0].map { UInt8(extent >> $0 & 255) } })
      }
      let images = directory + "/images.idx"
      try header(3, [count, side, side]).write(to: URL(fileURLWithPath: images))
      let handle = try #require(FileHandle(forWritingAtPath: images))
      try handle.truncate(atOffset: UInt64(16 + count * side * side))
      try handle.close()
      let labels = header(1, [count]) + Data((0..<count).map { UInt8($0 % 2) })
      try labels.write(to: URL(fileURLWithPath: directory + "/labels.idx"))
      let prepare = try Command(
        "-c",
        "ulimit -v 400000; exec \"$0\" prepare idx --images images.idx --labels labels.idx --keep-duplicates "
          + "--test 1 --validation 1 --train 2 --output a.h5", try Command.executable().path,
        of: URL(fileURLWithPath: "/bin/sh"), in: directory)
      #expect(prepare.status == 0, "\(prepare.errors)")
      #expect(prepare.output.contains("all        4           2     2"), "\(prepare.output)")
    }
  }

  @Test func weightsAreConvertedAndInspected() throws {
    try withDirectory { directory in
      let parameters = Parameters([
        ("f.conv.weight", Tensor(repeating: 1, shape: [3, 3, 1, 2])),
        ("h.fc6.weight", Tensor((0..<24).map { Float($0) }, shape: [8, 3])), ("h.fc6.bias", Tensor([1, 2, 3])),
      ])
      try WeightsFile.write(parameters, to: directory + "/a.h5")
      let unsaid = try Command("convert", "a.h5", "b.safetensors", "--layout", "safetensors", in: directory)
      #expect(unsaid.status == 65)
      #expect(unsaid.errors.contains("rows of fc6 [8, 3] may come from a flattened map"), "\(unsaid.errors)")
      let convert = try Command(
        "convert", "a.h5", "b.safetensors", "--layout", "safetensors", "--flatten", "fc6=2x2x2", "--rename",
        "conv=features.0", in: directory)
      #expect(convert.status == 0, "\(convert.errors)")
      #expect(convert.output.contains("Keras legacy, Keras 2.15.0 (rows in the order hwc) to safetensors"))
      #expect(convert.output.contains("features.0  weight [3, 3, 1, 2]"), "\(convert.output)")
      let inspect = try Command("inspect", "b.safetensors", in: directory)
      #expect(inspect.output.hasPrefix("weights, safetensors, rows of flattened maps in the order chw\n"))
      #expect(inspect.output.contains("features.0.weight  [3, 3, 1, 2]"), "\(inspect.output)")
      let file = try WeightsFile(opening: directory + "/b.safetensors")
      let fc6 = try #require(file.tensors.first { $0.name == "fc6.weight" })
      // Row 1 of the file is cell 1 of channel 0, which is row 2 of ours.
      #expect(try file.values(of: fc6)[3] == 6)
    }
  }
}
