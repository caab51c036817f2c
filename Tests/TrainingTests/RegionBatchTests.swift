import Datasets
import Foundation
import Images
import Kernels
import Networks
import Optimizers
import Tensors
import TestSupport
import Testing
import Training

/// Training on several labeled boxes per image.
@Suite(.serialized) struct RegionBatchTests {
  /// Two textures side by side in each image, each in a box of its own; the image as a whole tells neither.
  private func writeDataset(to path: String, channels: Int = 1) throws {
    let header = DatasetHeader(
      name: "pairs", source: "made for tests", license: "CC0", classNames: ["upright", "level", "chequered"],
      channels: channels)
    var writer = try DatasetWriter(path: path, header: header)
    var stream = RandomStream(seed: 5)
    var splits: [Split: [Int]] = [:]
    for index in 0..<54 {
      let (height, width) = (30 + index % 3, 56 + index % 2)
      var pixels = (0..<height * width).map { _ in UInt8(stream.integer(below: 60)) }
      let labels = [index % 3, (index / 3) % 3]
      for y in 4..<26 {
        for x in 0..<44
        where [x, y, x / 2 + y / 2][labels[x / 22]] % 4 < 2 || labels[x / 22] == 2 && (x / 2 + y / 2) % 2 == 0 {
          pixels[y * width + x + (x < 22 ? 4 : 8)] = UInt8(180 + stream.integer(below: 60))
        }
      }
      let image = Image(height: height, width: width, channels: 1, pixels: pixels).converted(toChannels: channels)
      let boxes = [Box(x1: 4, y1: 4, x2: 25, y2: 25), Box(x1: 30, y1: 4, x2: 51, y2: 25)]
      let position = try writer.append(
        image, regions: zip(labels, boxes).map { LabeledRegion(label: $0, box: $1) })
      splits[index < 36 ? .train : index < 45 ? .validation : .test, default: []].append(position)
    }
    try writer.finish(splits: splits)
  }

  private func pairs(_ path: String) -> Configuration {
    var configuration = Configuration(data: DataConfiguration(path: path, batch: 4))
    configuration.threads = 1
    configuration.network.head = .init(kind: .fc, width: 32, dropout: 0)
    configuration.optimizer.learningRate = 0.02
    configuration.epochs = 12
    return configuration
  }

  /// Half of the images are mirrored and all are shifted, their boxes with them.
  @Test(arguments: [NetworkDescription.Head.Kind.fc, .gap])
  func regionsWithTheirOwnLabelsAreLearnt(head: NetworkDescription.Head.Kind) throws {
    let directory = try TemporaryDirectory()
    try writeDataset(to: directory.path("pairs.h5"))
    var configuration = pairs(directory.path("pairs.h5"))
    configuration.network.head?.kind = head
    configuration.data.augment = Augmentation(flip: true, crop: RandomCrop(padding: 3))
    let run = RunDirectory(directory.path("run"))
    try run.create(for: configuration)
    let result = try #require(try Trainer(configuration, run: run).train())
    #expect(try #require(result.validation["accuracy"]) >= 0.9)
    // 36 images of two regions in steps of four images.
    #expect(result.steps == 12 * 9)
    let evaluation = try RunEvaluator(run, weights: .best).evaluate(
      as: Classification.self, on: [directory.path("pairs.h5")], split: .test)
    #expect(evaluation.domains[0].report.samples == 18 && evaluation.domains[0].report.accuracy >= 0.85)
  }

  @Test func foldsKeepTheRegionsOfAnImageTogether() throws {
    let directory = try TemporaryDirectory()
    try writeDataset(to: directory.path("pairs.h5"))
    let dataset = try Dataset(opening: directory.path("pairs.h5"))
    var data = DataConfiguration(path: dataset.path)
    var validated: [Int] = []
    for index in 1...3 {
      data.fold = .init(index, of: 3)
      let choice = try SampleChoice(of: dataset, as: data, seed: 1)
      #expect(
        Set(choice.training.map(dataset.imageIndex(of:))).isDisjoint(
          with: choice.validation.map(dataset.imageIndex(of:))))
      validated += choice.validation
    }
    #expect(validated.sorted() == dataset.samples(of: .train))
  }

  @Test func aStepHasAllRegionsOfItsImages() throws {
    let directory = try TemporaryDirectory()
    try writeDataset(to: directory.path("pairs.h5"))
    let dataset = try Dataset(opening: directory.path("pairs.h5"))
    var data = DataConfiguration(path: directory.path("pairs.h5"), batch: 4)
    data.augment = Augmentation(flip: true)
    let plan = BatchPlan(dataset, samples: dataset.samples(of: .train), configuration: data, parts: 2, seed: 1)
    let parts = try plan.batches(ofStep: 3)
    #expect(parts.count == 2 && parts.allSatisfy { $0.extents.count == 2 && $0.samples.count == 4 })
    for part in parts {
      let targets = Classification(classNames: dataset.classNames).targets(of: part, in: dataset)
      #expect(targets == part.samples.map(dataset.label(of:)))
      #expect(part.regions.map(\.image) == [0, 0, 1, 1])
      for (sample, region) in zip(part.samples, part.regions) {
        let (box, width) = (try #require(dataset.box(of: sample)), part.extents.maps[region.image].width)
        let mirrored = Float(width - 1) - box.x2
        #expect(region.box?.x1 == box.x1 || region.box?.x1 == mirrored)
      }
    }
    // A crop of 20 around one half leaves the other's region out, with its label.
    data.augment = Augmentation(crop: RandomCrop())
    data.resize = ImageResizing(crop: 20)
    let cropped = BatchPlan(dataset, samples: dataset.samples(of: .train), configuration: data, parts: 1, seed: 1)
    for step in 0..<9 {
      let part = try cropped.batches(ofStep: step)[0]
      #expect(part.extents.count == 4 && Set(part.regions.map(\.image)) == [0, 1, 2, 3])
      #expect(part.samples.count == part.regions.count && part.samples.count < 8)
      let targets = Classification(classNames: dataset.classNames).targets(of: part, in: dataset)
      #expect(targets == part.samples.map(dataset.label(of:)))
    }
  }

  /// The middle square of 20 of 25 begins at 2, that of 23 too: scaled down, the region's center is before it.
  @Test func aRegionThatACropMayCutAwayIsRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("edge.h5")
    let header = DatasetHeader(
      name: "edge", source: "made for tests", license: "CC0", classNames: ["dark", "light"], channels: 1)
    var writer = try DatasetWriter(path: path, header: header)
    var splits: [Split: [Int]] = [:]
    for index in 0..<8 {
      let image = Image(
        height: 25, width: 25, channels: 1, pixels: [UInt8](repeating: UInt8(30 * index), count: 625))
      let position = try writer.append(
        image, regions: [LabeledRegion(label: index % 2, box: Box(x1: 6, y1: 1.08, x2: 18, y2: 3.08))])
      splits[index < 4 ? .train : index < 6 ? .validation : .test, default: []].append(position)
    }
    try writer.finish(splits: splits)
    var configuration = pairs(path)
    configuration.epochs = 2
    configuration.data.resize = ImageResizing(crop: 20)
    // All are there, and a run ends well.
    let run = RunDirectory(directory.path("run"))
    try run.create(for: configuration)
    #expect(try Trainer(configuration, run: run).train() != nil)

    configuration.data.augment = Augmentation(scale: [0.92, 1])
    let plan = BatchPlan(
      try Dataset(opening: path), samples: [0, 1, 2, 3], configuration: configuration.data, parts: 1, seed: 1)
    #expect(try (0..<9).contains { try plan.batches(ofStep: $0)[0].samples.count < 4 })
    let error = #expect(throws: TrainingError.self) {
      try Trainer(configuration, run: RunDirectory(directory.path("bad")))
    }
    #expect(try #require(error).description.contains("is outside the crop of data.resize"))
    // A random crop keeps it.
    configuration.data.augment?.crop = RandomCrop()
    let kept = BatchPlan(
      try Dataset(opening: path), samples: [0, 1, 2, 3], configuration: configuration.data, parts: 1, seed: 1)
    #expect(try (0..<9).allSatisfy { try kept.batches(ofStep: $0)[0].samples.count == 4 })
  }

  @Test func pixelsAndChannelsAreChecked() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("pairs.h5")
    try writeDataset(to: path)
    func problem(_ change: (inout DataConfiguration) -> Void) throws -> String {
      var configuration = pairs(path)
      change(&configuration.data)
      let error = #expect(throws: TrainingError.self) {
        try Trainer(configuration, run: RunDirectory(directory.path("bad")))
      }
      return "\(try #require(error))"
    }
    #expect(try problem { $0.inputNormalization = .caffe }.contains("its images are gray, expected color"))
    #expect(try problem { $0.resize = ImageResizing(shorter: 30, crop: 8) }.contains("is outside the crop"))
    #expect(try problem { $0.resize = ImageResizing(shorter: 2) }.contains("scale them up"))

    // Gray as three channels, blue first: each channel minus its own mean.
    var data = DataConfiguration(path: path)
    (data.channels, data.inputNormalization) = (3, .caffe)
    let dataset = try Dataset(opening: path)
    let batch = try Batch([0], of: dataset, as: data)
    let sample = Float(try dataset.image(at: 0).pixels[0])
    #expect(batch.pixels.shape == [dataset.extents(ofImage: 0).height * dataset.extents(ofImage: 0).width, 3])
    #expect(Array(batch.pixels.values[0..<3]) == [sample - 103.939, sample - 116.779, sample - 123.68])
    var configuration = pairs(path)
    (configuration.data, configuration.epochs) = (data, 1)
    let run = RunDirectory(directory.path("color"))
    try run.create(for: configuration)
    try Trainer(configuration, run: run).train()
    #expect(try run.loadConfiguration().data.inputNormalization == .caffe)
  }
}
