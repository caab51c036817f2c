import Datasets
import Foundation
import Images
import Serialization
import Tensors
import Testing
import Training

/// Transforms of images and boxes before the network.
@Suite struct ImageTransformTests {
  private func data(_ change: (inout DataConfiguration) -> Void) -> DataConfiguration {
    var data = DataConfiguration(path: "a.h5")
    change(&data)
    return data
  }

  private func draws(
    _ data: DataConfiguration, of extent: Extent, boxes: [Box?] = [], seed: UInt64 = 1, epoch: Int = 0
  ) -> [ImageTransform] {
    (0..<200).map { data.trainingTransform(of: extent, boxes: boxes, seed: seed, epoch: epoch, image: $0) }
  }

  @Test func drawsAreAFunctionOfSeedEpochAndImage() {
    let data = data {
      $0.resize = ImageResizing(shorter: 32, crop: 24)
      $0.augment = Augmentation(
        flip: true, scale: [0.9, 1.2], crop: RandomCrop(padding: 2),
        jitter: ColorJitter(brightness: 0.4, saturation: 0.2))
    }
    let extent = Extent(height: 40, width: 60)
    let first = draws(data, of: extent)
    #expect(first == draws(data, of: extent))
    #expect(first != draws(data, of: extent, seed: 2) && first != draws(data, of: extent, epoch: 1))
    #expect(Set(first.map { $0.window!.left }).count > 10 && Set(first.map(\.brightness)).count > 100)
    #expect((60...140).contains(first.count { $0.isMirrored }))
    for transform in first {
      #expect(transform.extent(of: extent) == Extent(side: 24))
      #expect((0.6...1.4).contains(transform.brightness) && (0.8...1.2).contains(transform.saturation))
      let (window, whole) = (transform.window!, transform.scaled!)
      #expect((-2...whole.height + 2 - 24).contains(window.top) && (-2...whole.width + 2 - 24).contains(window.left))
      #expect((29...38).contains(whole.height) && transform.contrast == 1)
    }
  }

  @Test func partsOfTheImageKeepToTheirAreaAndRatio() {
    let data = data {
      $0.resize = ImageResizing(shorter: 256, crop: 224)
      $0.augment = Augmentation(crop: RandomCrop(scale: [0.25, 1], ratio: [0.75, 1.5]))
    }
    let extent = Extent(height: 120, width: 200)
    for transform in draws(data, of: extent) {
      #expect(transform.scaled == nil && transform.extent(of: extent) == Extent(side: 224))
      let window = transform.window!
      let (height, width) = (Double(window.extent.height), Double(window.extent.width))
      #expect((0.24...1).contains(height * width / 24_000) && (0.73...1.54).contains(width / height))
      #expect(window.top >= 0 && window.left >= 0)
      #expect(window.top + window.extent.height <= 120 && window.left + window.extent.width <= 200)
    }
    #expect(data.evaluationTransform(of: extent).scaled == Extent(height: 256, width: 426))
    #expect(data.evaluationTransform(of: extent).window?.left == 101)
  }

  /// A bright block in a dark image lies where its box says, whatever is drawn.
  @Test func boxesStayOnWhatTheyWereDrawnAround() throws {
    let extent = Extent(height: 40, width: 56)
    let box = Box(x1: 9, y1: 18, x2: 20, y2: 25)
    var pixels = [UInt8](repeating: 0, count: 40 * 56)
    for y in 18...25 { for x in 9...20 { pixels[y * 56 + x] = 255 } }
    let image = Image(height: 40, width: 56, channels: 1, pixels: pixels)
    let configurations = [
      data { $0.augment = Augmentation(flip: true, crop: RandomCrop(padding: 7)) },
      data {
        $0.resize = ImageResizing(shorter: 60, crop: 30)
        $0.augment = Augmentation(flip: true, scale: [0.8, 1.3], crop: RandomCrop())
      },
      data {
        $0.sizes = [48]
        $0.augment = Augmentation(flip: true, crop: RandomCrop(scale: [0.3, 0.9]))
      },
      data { $0.sizes = [30, 90] },
    ]
    for data in configurations {
      for transform in draws(data, of: extent, boxes: [box]) {
        // At least one region of an image is always kept.
        let moved = try #require(transform.box(box, of: extent))
        let result = transform.image(image)
        #expect(result.extent == transform.extent(of: extent))
        var (inside, outside, count) = (0, 0, 0)
        for y in 0..<result.height {
          for x in 0..<result.width {
            let sample = Int(result.pixels[y * result.width + x])
            let (x, y) = (Float(x), Float(y))
            if x >= moved.x1, x <= moved.x2, y >= moved.y1, y <= moved.y2 {
              (inside, count) = (inside + sample, count + 1)
            }
            // A scaled pixel reaches as far as the scale beyond its corner.
            if x < moved.x1 - 3 || x > moved.x2 + 4 || y < moved.y1 - 3 || y > moved.y2 + 4 { outside += sample }
          }
        }
        #expect(outside == 0 && count > 0 && inside > 200 * count, "\(transform): \(moved) \(inside) \(count)")
      }
    }
  }

  /// By hand: 100 x 60 pixels, shorter side 30, the middle 20 x 20 begins at (15, 5).
  @Test func evaluationScalesAndCutsTheMiddle() {
    let data = data { $0.resize = ImageResizing(shorter: 30, crop: 20) }
    let extent = Extent(height: 60, width: 100)
    var transform = data.evaluationTransform(of: extent)
    #expect(transform.box(Box(x1: 40, y1: 20, x2: 60, y2: 56), of: extent) == Box(x1: 5, y1: 5, x2: 15, y2: 19))
    #expect(transform.box(Box(x1: 0, y1: 20, x2: 40, y2: 40), of: extent) == nil)
    transform.isMirrored = true
    #expect(transform.box(Box(x1: 40, y1: 20, x2: 59, y2: 40), of: extent) == Box(x1: 5, y1: 5, x2: 14.5, y2: 15))
  }

  /// A region that a window of every draw may lose is found again in the middle of the last resort.
  @Test func theLastResortLooksAtTheFirstRegion() throws {
    let data = data {
      $0.resize = ImageResizing(crop: 4)
      $0.augment = Augmentation(crop: RandomCrop())
    }
    let box = Box(x1: 300, y1: 7, x2: 302, y2: 9)
    for transform in draws(data, of: Extent(height: 400, width: 400), boxes: [box]) {
      #expect(transform.box(box, of: Extent(side: 400)) != nil)
    }
  }

  @Test func samplesBecomeWhatTheNetworkExpects() {
    func values(_ kind: InputNormalization, _ red: Int, _ green: Int, _ blue: Int) -> [Float] {
      kind.channels(3).map { $0.values[[red, green, blue][$0.source]] }
    }
    #expect(values(.symmetric, 0, 255, 51) == [-1, 1, -0.6])
    #expect(values(.raw, 0, 255, 51) == [0, 255, 51])
    #expect(values(.unit, 0, 255, 51) == [0, 1, 0.2])
    // Blue first: 51 - 103.939, 255 - 116.779, 0 - 123.68.
    #expect(zip(values(.caffe, 0, 255, 51), [-52.939, 138.221, -123.68]).allSatisfy { abs($0 - $1) < 1e-4 })
    // (0 - 0.485) / 0.229, (1 - 0.456) / 0.224, (0.2 - 0.406) / 0.225.
    #expect(zip(values(.torch, 0, 255, 51), [-2.117904, 2.428571, -0.915556]).allSatisfy { abs($0 - $1) < 1e-5 })
    // Blue first: (51 - 104) / 2, (255 - 117) / 4, (0 - 123) / 8.
    let numbers = InputNormalization.numbers(.init(order: .bgr, mean: [104, 117, 123], deviation: [2, 4, 8]))
    #expect(values(numbers, 0, 255, 51) == [-26.5, 34.5, -15.375] && numbers.needsColor)
    #expect(InputNormalization.numbers(.init(mean: [10], deviation: [5])).channels(1)[0].values[20] == 2)
    #expect(
      InputNormalization.raw.channels(1).count == 1 && InputNormalization.torch.needsColor
        && !InputNormalization.unit.needsColor)
  }

  @Test func theConfigurationIsReadWrittenAndChecked() throws {
    func decode(_ text: String) throws -> DataConfiguration {
      try StrictDecoder(source: "a.yaml").decode(DataConfiguration.self, from: text)
    }
    let text = """
      path: a.h5
      channels: 3
      inputNormalization: caffe
      resize: {shorter: 256, crop: 224}
      augment: {flip: true, crop: {scale: [0.25, 1]}, jitter: {brightness: 0.4, contrast: 0.3}}
      """
    let data = try decode(text)
    #expect(
      data.inputNormalization == .caffe && data.resize == ImageResizing(shorter: 256, crop: 224) && data.channels == 3)
    #expect(data.augment?.crop == RandomCrop(scale: [0.25, 1]) && data.augment?.flip == true)
    #expect(data.augment?.jitter == ColorJitter(brightness: 0.4, contrast: 0.3))
    #expect(try decode(YAMLText.encode(data)) == data)
    let numbers = try decode(
      "{path: a.h5, inputNormalization: {order: bgr, mean: [104, 117, 123]}, resize: {square: 256}}")
    #expect(numbers.inputNormalization == .numbers(.init(order: .bgr, mean: [104, 117, 123])))
    #expect(numbers.resize?.transform(of: Extent(height: 100, width: 300)).scaled == Extent(height: 256, width: 256))
    #expect(try decode(YAMLText.encode(numbers)) == numbers)
    #expect(try decode("path: a.h5") == DataConfiguration(path: "a.h5"))
    for (wrong, message) in [
      ("inputNormalization: cafe", "did you mean \"caffe\""),
      ("inputNormalization: {mean: [1, 2]}", "expected one number, or one for each of the channels"),
      ("inputNormalization: {mean: [1], deviation: [0]}", "expected deviations above 0"),
      ("inputNormalization: {order: brg}", "did you mean \"bgr\""),
      ("{channels: 1, inputNormalization: {mean: [1, 2, 3]}}", "needs color images"),
      ("{channels: 1, inputNormalization: torch}", "needs color images"),
      ("channels: 2", "expected 1 (gray) or 3"),
      ("resize: {shorter: 20, crop: 30}", "expected a crop that fits"),
      ("resize: {square: 20, crop: 30}", "expected a crop that fits"),
      ("resize: {square: 20, shorter: 30}", "expected one of them"),
      ("resize: {croop: 30}", "unknown key"),
      ("augment: {crop: {scale: [0.5, 1]}}", "needs a size to scale to"),
      ("augment: {crop: {scale: [0.5, 2]}}", "parts of the area up to 1"),
      ("augment: {scale: [2, 1]}", "two factors"),
      ("augment: {jitter: {brightness: -1}}", "expected 0 to 10"),
    ] {
      let text = wrong.hasPrefix("{") ? "{path: a.h5, " + wrong.dropFirst() : "path: a.h5\n" + wrong
      let error = #expect(throws: YAMLError.self) { try decode(text) }
      #expect("\(try #require(error))".contains(message), "\(error!)")
    }
  }
}
