import Foundation
import Kernels
import Tensors
import TestSupport
import Testing

/// ROIPool against torchvision.ops.roi_pool, exactly; see Fixtures/make_roi_pool.py.
@Suite struct ROIPoolTests {
  let fixture = Fixture(Bundle.module.resourceURL!.appendingPathComponent("Fixtures/roi_pool.h5").path)

  @Test func everyRegionSetForwardAndBackward() throws {
    let table = try fixture.integers("cases")
    let scales = try fixture.tensor("scales")
    let inputs = try fixture.tensor("inputs").values
    let boxes = try fixture.tensor("regions").values
    let outputs = try fixture.tensor("outputs").values
    let outputGradients = try fixture.tensor("output_gradients").values
    let inputGradients = try fixture.tensor("input_gradients").values
    let arguments = try fixture.integers("arguments")
    let columns = 12
    #expect(table.count / columns >= 1_000)
    var malformed = 0
    for first in stride(from: 0, to: table.count, by: columns) {
      let c = Array(table[first..<first + columns])
      let (n, h, w, channels, height, width, count) = (c[0], c[1], c[2], c[3], c[4], c[5], c[6])
      let scale = scales[c[7]]
      let (inputOffset, regionOffset, outputOffset) = (c[9], c[10], c[11])
      let inputCount = n * h * w * channels
      let outputCount = count * height * width * channels
      let x = Tensor(Array(inputs[inputOffset..<inputOffset + inputCount]), shape: [n * h * w, channels])
      let extents = Extents(count: n, height: h, width: w)
      let regions = (regionOffset..<regionOffset + count).map { row in
        let b = boxes[row * 5..<row * 5 + 5].map { $0 }
        return Region(image: Int(b[0]), box: Box(x1: b[1], y1: b[2], x2: b[3], y2: b[4]))
      }
      malformed += regions.count { $0.box!.x2 < $0.box!.x1 }
      let maxima = ROIPool(height: height, width: width).forward(x, extents, regions: regions, spatialScale: scale)
      let label = "case \(first / columns)"
      #expect(maxima.output.values == Array(outputs[outputOffset..<outputOffset + outputCount]), "\(label): output")
      #expect(
        maxima.argmax.map(Int.init) == Array(arguments[outputOffset..<outputOffset + outputCount]),
        "\(label): positions")
      let gradient = Tensor(
        Array(outputGradients[outputOffset..<outputOffset + outputCount]), shape: [count * height * width, channels])
      #expect(
        maxima.inputGradient(gradient, extents).values
          == Array(inputGradients[inputOffset..<inputOffset + inputCount]), "\(label): input gradient")
    }
    #expect(malformed > 0)
  }

  /// MXNet's documented vectors.
  @Test func documentedVectors() {
    let x = Tensor((0..<48).map(Float.init), shape: [48, 1])
    let extents = Extents(count: 1, height: 8, width: 6)
    let region = Region(image: 0, box: .init(x1: 0, y1: 0, x2: 4, y2: 4))
    let pool = ROIPool(height: 2, width: 2)
    #expect(pool.forward(x, extents, regions: [region], spatialScale: 1).output.values == [14, 16, 26, 28])
    #expect(pool.forward(x, extents, regions: [region], spatialScale: 0.7).output.values == [7, 9, 19, 21])
  }

  /// At 224² ROIPool of VGG16's conv5_3 to 7×7 without a box is bit-for-bit identical with pool5, forward and backward.
  @Test func wholeMapIsVGGsPool5() {
    var stream = RandomStream(seed: 8)
    let extents = Extents(count: 2, height: 14, width: 14)
    let x = stream.normal([extents.positionCount, 512])
    let pooled = ROIPool(height: 7, width: 7).forward(
      x, extents, regions: [Region(image: 0), Region(image: 1)], spatialScale: 1 / 16)
    let pool5 = MaxPooling(size: 2, stride: 2).forward(x, extents)
    #expect(pooled.output.values == pool5.output.values)
    let gradient = stream.normal(pool5.output.shape)
    #expect(pooled.inputGradient(gradient, extents).values == pool5.inputGradient(gradient, extents).values)
    // Given in pixels the same image rounds to 15 positions, which is another pooling: the reason for the exact extent.
    let inPixels = ROIPool(height: 7, width: 7).forward(
      x, extents, regions: [0, 1].map { Region(image: $0, box: .init(x1: 0, y1: 0, x2: 223, y2: 223)) },
      spatialScale: 1 / 16)
    #expect(inPixels.output.values != pool5.output.values)
  }

  /// Images of different sizes in one batch give what each gives by itself.
  @Test func imagesOfDifferentSizes() {
    var stream = RandomStream(seed: 9)
    let maps = [Extent(height: 8, width: 11), Extent(height: 20, width: 9), Extent(height: 7, width: 7)]
    let parts = maps.map { stream.normal([$0.area, 3]) }
    let x = Tensor(parts.flatMap(\.values), shape: [Extents(maps).positionCount, 3])
    let regions = [
      Region(image: 2), Region(image: 0, box: .init(x1: 3, y1: 20, x2: 90, y2: 70)),
      Region(image: 1, box: .init(x1: 0, y1: 0, x2: 40, y2: 200)), Region(image: 0),
    ]
    let pool = ROIPool(height: 7, width: 7)
    let together = pool.forward(x, Extents(maps), regions: regions, spatialScale: 1 / 8)
    for (index, region) in regions.enumerated() {
      let alone = pool.forward(
        parts[region.image], Extents([maps[region.image]]), regions: [Region(image: 0, box: region.box)],
        spatialScale: 1 / 8)
      let size = 49 * 3
      #expect(Array(together.output.values[index * size..<(index + 1) * size]) == alone.output.values)
    }
  }

  /// Full vectors of channels, partial ones and the slices of several threads give what each channel alone gives, in small
  /// bins and in those too large for the backward pass to go over.
  @Test(arguments: [15, 16, 17, 64, 83, 256, 300], [2, 7])
  func channelsDoNotTouchEachOther(channels: Int, bins: Int) {
    var random = RandomStream(seed: UInt64(channels))
    let extents = Extents([Extent(height: 9, width: 11), Extent(height: 20, width: 23)])
    // Few values, so that there are ties.
    var values = (0..<extents.positionCount * channels).map { _ in Float(random.integer(below: 9)) - 4 }
    for _ in 0..<values.count / 50 { values[random.integer(below: values.count)] = .nan }
    let regions = [
      Region(image: 1), Region(image: 0), Region(image: 1, box: .init(x1: 3, y1: 2, x2: 9, y2: 14)),
      Region(image: 1, box: .init(x1: -5, y1: 4, x2: 30, y2: 60)),
      Region(image: 0, box: .init(x1: 4, y1: 4, x2: 4, y2: 4)),
    ]
    let pool = ROIPool(height: bins, width: bins)
    let gradients = (0..<regions.count * bins * bins * channels).map { _ in Float(random.integer(below: 17)) - 8 }
    func column(_ values: [Float], _ channel: Int) -> Tensor {
      let column = stride(from: channel, to: values.count, by: channels).map { values[$0] }
      return Tensor(column, shape: [column.count, 1])
    }
    let all = pool.forward(
      Tensor(values, shape: [extents.positionCount, channels]), extents, regions: regions, spatialScale: 1)
    let back = all.inputGradient(Tensor(gradients, shape: all.output.shape), extents).values
    for channel in 0..<channels {
      let one = pool.forward(column(values, channel), extents, regions: regions, spatialScale: 1)
      #expect(one.output == column(all.output.values, channel), "\(channel)")
      let positions = stride(from: channel, to: all.argmax.count, by: channels).map { all.argmax[$0] }
      #expect(one.argmax == positions, "\(channel)")
      #expect(
        one.inputGradient(column(gradients, channel), extents).values == column(back, channel).values, "\(channel)")
    }
  }

  @Test func notANumberAndMinusInfinityNeverWin() {
    let x = Tensor([.nan, .nan, 1, .nan, -.infinity, .nan], shape: [6, 1])
    let extents = Extents(count: 1, height: 1, width: 6)
    let result = ROIPool(height: 1, width: 3).forward(x, extents, regions: [Region(image: 0)], spatialScale: 1)
    #expect(result.output.values == [-Float.greatestFiniteMagnitude, 1, -Float.greatestFiniteMagnitude])
    #expect(result.argmax == [-1, 2, -1])
  }

  @Test func aRegionFarOutsideOrVastIsHarmless() {
    let x = Tensor((0..<12).map(Float.init), shape: [12, 1])
    let extents = Extents(count: 1, height: 3, width: 4)
    let regions = [
      Region(image: 0, box: .init(x1: 1e30, y1: 1e30, x2: 2e30, y2: 2e30)),
      Region(image: 0, box: .init(x1: -1e30, y1: -1e30, x2: 1e30, y2: 1e30)),
    ]
    let result = ROIPool(height: 2, width: 2).forward(x, extents, regions: regions, spatialScale: 1)
    #expect(Array(result.output.values[0..<4]) == [0, 0, 0, 0])
    #expect(Array(result.argmax[0..<4]) == [-1, -1, -1, -1])
    #expect(result.output.values[4...].contains(11))
  }
}
