import Datasets
import Foundation
import HDF5
import Images
import Tensors
import TestSupport
import Testing

@Suite struct DatasetTests {
  @Test(arguments: [Dataset.defaultMemoryLimit, 16], [1, 3])
  func whatWasWrittenComesBack(memoryLimit: Int, channels: Int) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    var header = exampleHeader
    header.channels = channels
    try writeExample(to: path, header: header)
    #expect(try directory.names() == ["a.h5"])

    let dataset = try Dataset(opening: path, memoryLimit: memoryLimit)
    #expect(dataset.header == header)
    #expect(dataset.imageCount == 6 && dataset.sampleCount == 7)
    for number in 0..<6 { #expect(try dataset.image(at: number) == exampleImage(number, channels: channels)) }
    #expect(dataset.extents(ofImage: 2) == (5, 8))
    #expect(dataset.samples(of: .train) == [0, 2, 5, 6])
    #expect(dataset.samples(of: .validation) == [1])
    #expect(dataset.samples(of: .test) == [3, 4])
    #expect((0..<7).map(dataset.label) == [0, 1, 2, 0, 1, 2, 0])
    #expect((0..<7).map(dataset.imageIndex) == [0, 1, 2, 3, 4, 5, 5])
    #expect(dataset.box(of: 0) == nil && dataset.box(of: 6) == nil)
    #expect(dataset.box(of: 5) == Box(x1: 0, y1: 1, x2: 3.5, y2: 8))
    let bytes = (0..<6).map { exampleImage($0, channels: channels).pixels.count }.reduce(0, +)
    #expect(dataset.heldBytes == (memoryLimit == 16 ? 0 : bytes))
    try dataset.verify()
  }

  @Test func imagesBeyondTheMemoryLimitAreReadInAnyOrderFromManyThreads() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    // 300 images of 60 x 60, some 16 chunks of the file, in color.
    var header = exampleHeader
    header.channels = 3
    var writer = try DatasetWriter(path: path, header: header)
    for number in 0..<300 {
      try writer.append(picture(60, 60, channels: 3, number: number), regions: [LabeledRegion(label: 0)])
    }
    try writer.finish(splits: [.train: Array(0..<300)])
    let dataset = try Dataset(opening: path, memoryLimit: 1 << 20)
    let wrong = await withTaskGroup(of: Int.self) { group in
      for thread in 0..<4 {
        group.addTask {
          (0..<75).count { step in
            let number = (step * 101 + thread * 75) % 300
            return (try? dataset.image(at: number)) != picture(60, 60, channels: 3, number: number)
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
    #expect(dataset.heldBytes == 0)
    try dataset.verify()
  }

  @Test func aWriterThatIsDroppedLeavesNothingBehind() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    try writeExample(to: path)
    let before = try Data(contentsOf: URL(filePath: path))
    func begin() throws {
      var writer = try DatasetWriter(path: path, header: exampleHeader)
      try writer.append(exampleImage(0), regions: [LabeledRegion(label: 0)])
      #expect(writer.imageCount == 1)
    }
    try begin()
    #expect(try directory.names() == ["a.h5"])
    #expect(try Data(contentsOf: URL(filePath: path)) == before)
  }

  @Test func whatCannotBeADatasetIsRefusedAndThePreviousFileKept() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    try writeExample(to: path)
    let before = try Data(contentsOf: URL(filePath: path))
    func refusal(_ regions: [LabeledRegion], _ splits: [Split: [Int]], of image: Image = exampleImage(0)) throws
      -> String
    {
      try failureMessage {
        var writer = try DatasetWriter(path: path, header: exampleHeader)
        try writer.append(image, regions: regions)
        try writer.finish(splits: splits)
      }
    }
    let whole = [LabeledRegion(label: 0)]
    #expect(try refusal([LabeledRegion(label: 3)], [:]) == "\(path): image 0: label 3; expected 0 to 2")
    #expect(try refusal([LabeledRegion(label: -1)], [:]).contains("label -1"))
    #expect(try refusal(whole, [:], of: picture(2, 2, channels: 3)).contains("3 channels; expected 1"))
    let boxes = [
      (Box(x1: 2, y1: 0, x2: 1, y2: 2), "ends before it begins"),
      (Box(x1: 4, y1: 0, x2: 5, y2: 2), "outside its image"),
      (Box(x1: 0, y1: .infinity, x2: 5, y2: 2), "not finite"), (Box(x1: .nan, y1: 0, x2: 1, y2: 1), "not finite"),
    ]
    for (box, reason) in boxes { #expect(try refusal([LabeledRegion(label: 0, box: box)], [:]).contains(reason)) }
    #expect(try refusal([], [.train: [0]]).contains("an empty dataset"))
    #expect(try refusal(whole, [:]).contains("no image is in any split"))
    #expect(try refusal(whole, [.train: [1]]).contains("split train names image 1, expected 0 to 0"))
    #expect(try refusal(whole, [.train: [0], .test: [0]]).contains("image 0 is in train and again in test"))
    #expect(try refusal(whole, [.train: [0, 0]]).contains("image 0 is in train and again in train"))
    var header = exampleHeader
    header.classNames = ["a", "a"]
    #expect(
      try failureMessage { _ = try DatasetWriter(path: path, header: header) }.contains("two classes of one name"))
    #expect(
      try failureMessage { _ = try DatasetWriter(path: "/nonexistent/a.h5", header: exampleHeader) }
        .hasPrefix("/nonexistent/a.h5: cannot write it: No such file or directory"))
    #expect(try directory.names() == ["a.h5"])
    #expect(try Data(contentsOf: URL(filePath: path)) == before)
  }

  /// A map is read from the file without the chunk of a megabyte that it lies in; alone, for all reads are counted.
  @Test func aMapIsReadByItself() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let path = directory.path("features.h5")
      var writer = try DatasetWriter(
        path: path,
        header: DatasetHeader(
          name: "maps", source: "", license: "", classNames: ["a"], channels: 256,
          features: FeatureOrigin(scale: 1, backbone: "{}")))
      for index in 0..<64 {
        let map = [Float](repeating: Float(index), count: 8 * 8 * 256)
        try writer.append(map, height: 8, width: 8, regions: [LabeledRegion(label: 0)])
      }
      try writer.finish(splits: [.train: Array(0..<64)])
      let dataset = try Dataset(opening: path, memoryLimit: 0)
      func bytesRead() throws -> Int {
        let count = try String(contentsOfFile: "/proc/self/io", encoding: .utf8).split(separator: "\n")[0]
        return try #require(count.split(separator: " ").last.flatMap { Int($0) })
      }
      let before = try bytesRead()
      #expect(try dataset.featureMap(at: 40) == Tensor(repeating: 40, shape: [8, 8, 256]))
      let read = try bytesRead() - before
      #expect(read >= 65_536 && read < 262_144, "\(read) bytes")
    }
  }

  // In a separate process, as the count is of all its objects.
  @Test func everyHandleIsClosed() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let path = directory.path("a.h5")
      try writeExample(to: path)
      #expect(Library.openObjectCount == 0)
      func use() throws {
        let dataset = try Dataset(opening: path, memoryLimit: 0)
        _ = try dataset.image(at: 1)
        try dataset.verify()
        #expect(Library.openObjectCount > 0)
      }
      try use()
      #expect(Library.openObjectCount == 0)
      func drop() throws {
        var writer = try DatasetWriter(path: path, header: exampleHeader)
        try writer.append(exampleImage(0), regions: [])
      }
      try drop()
      #expect(Library.openObjectCount == 0)
      func refuse() throws {
        var writer = try DatasetWriter(path: path, header: exampleHeader)
        try writer.append(exampleImage(0), regions: [LabeledRegion(label: 0)])
        try writer.finish(splits: [:])
      }
      _ = try failureMessage(refuse)
      #expect(Library.openObjectCount == 0)
      let source = PreparationSource.hdf5(
        path: try importFixture("arrays.h5"), images: "data/x", labels: "data/y", PreparationSource.ArrayReading())
      _ = try Preparation(source: source, name: "n", origin: "o", license: "l").run(writingTo: path)
      #expect(Library.openObjectCount == 0)
    }
  }

  // In a separate process, as the limit holds for all its files.
  @Test func aDiskThatFillsUpLeavesThePreviousFile() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let path = directory.path("a.h5")
      try writeExample(to: path)
      let before = try Data(contentsOf: URL(filePath: path))
      var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
      #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      let message = try failureMessage {
        var writer = try DatasetWriter(path: path, header: exampleHeader)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<400 {
          let noise = (0..<200 * 200).map { _ in UInt8.random(in: 0...255, using: &generator) }
          try writer.append(
            Image(height: 200, width: 200, channels: 1, pixels: noise), regions: [LabeledRegion(label: 0)])
        }
        try writer.finish(splits: [.train: [0]])
      }
      #expect(message.contains("File too large"), "\(message)")
      #expect(try directory.names() == ["a.h5"])
      #expect(try Data(contentsOf: URL(filePath: path)) == before)
      // The library still works.
      try writeExample(to: directory.path("b.h5"))
      #expect(try Dataset(opening: directory.path("b.h5")).imageCount == 6)
    }
  }
}
