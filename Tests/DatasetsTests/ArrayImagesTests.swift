import Datasets
import Foundation
import Testing

/// Black, white and the order of axes in arrays.
@Suite struct ArrayImagesTests {
  private typealias Reading = PreparationSource.ArrayReading

  @Test func everyRangeGivesTheSamePictures() throws {
    let color = try ImportKinds.expected()
    let gray = try ImportKinds.gray()
    let sources: [(source: PreparationSource, pixels: [[UInt8]], remark: String)] = [
      (try ImportKinds.npy("expected.npy"), color, "samples 0 to 255 of uint8; black 0, white 255"),
      (
        try ImportKinds.npy("unit.npy", reading: Reading(maximum: 1)), color,
        "samples 0 to 1 of float32; black 0, white 1"
      ),
      (
        try ImportKinds.npy("unit64.npy", reading: Reading(minimum: 0, maximum: 1)), color,
        "of float64; black 0, white 1"
      ),
      (try ImportKinds.npy("unit16.npy", reading: Reading(maximum: 1)), gray, "of float16; black 0, white 1"),
      (
        try ImportKinds.npy("signed.npy", reading: Reading(minimum: -1, maximum: 1)), color,
        "samples -1 to 1 of float32; black -1, white 1"
      ),
      (try ImportKinds.npy("uint16.npy"), color, "samples 0 to 65535 of uint16; black 0, white 65535"),
      (
        try ImportKinds.npy("twelve.npy", reading: Reading(maximum: 4095)), color,
        "samples 0 to 4095 of uint16; black 0, white 4095"
      ),
      (try ImportKinds.npy("int32.npy"), color, "samples 0 to 255 of int32; black 0, white 255"),
      (try ImportKinds.npy("bigendian.npy"), color, "samples 0 to 255 of int16; black 0, white 255"),
      (
        try ImportKinds.npy("mask.npy"), gray.map { $0.map { $0 > 127 ? 255 : 0 } },
        "samples 0 to 1 of bool; black 0, white 1"
      ),
      (try ImportKinds.hdf5("unit", "labels", Reading(maximum: 1)), color, "of float32; black 0, white 1"),
      (try ImportKinds.hdf5("half", "labels"), color, "samples 0 to 255 of float16; black 0, white 255"),
      (
        try ImportKinds.hdf5("mask", "labels"), gray.map { $0.map { $0 > 127 ? 255 : 0 } },
        "samples 0 to 1 of bool; black 0, white 1"
      ),
      (
        .idx(
          train: .init(images: try ImportKinds.path("float.idx"), labels: try ImportKinds.path("labels.idx")),
          test: nil, Reading(maximum: 1)), gray, "of float32; black 0, white 1"
      ),
    ]
    for (source, pixels, remark) in sources {
      let (dataset, report) = try ImportKinds.imported(source)
      #expect(try ImportKinds.pixels(of: dataset) == pixels, "\(source)")
      #expect(report.remarks.count { $0.hasSuffix(remark) } == 1, "\(report.remarks)")
      #expect(ImportKinds.classes(of: dataset) == ["0", "1", "2", "0", "1", "2"])
    }
  }

  @Test func rangesThatCannotBeMeantAreRefused() throws {
    let say = "say which numbers are black and white"
    for name in ["unit.npy", "unit64.npy", "unit16.npy"] {
      #expect(
        try ImportKinds.refusal(ImportKinds.npy(name)).contains("none is above 1; say that 1 is white with --maximum 1")
      )
    }
    #expect(
      try ImportKinds.refusal(ImportKinds.hdf5("unit", "labels")).contains("kinds.h5:/unit: samples 0 to 1 of float32"))
    #expect(
      try ImportKinds.refusal(ImportKinds.npy("overshoot.npy")).contains(
        "say which number is white, such as --maximum 2"))
    #expect(try ImportKinds.refusal(ImportKinds.npy("signed.npy")).contains(say))
    #expect(try ImportKinds.refusal(ImportKinds.npy("signed.npy")).contains("--minimum=-1 --maximum 1"))
    #expect(
      try ImportKinds.refusal(ImportKinds.npy("signed.npy", reading: Reading(maximum: 1)))
        .contains("samples -1 to 1 of float32; expected 0 to 1"))
    #expect(
      try ImportKinds.refusal(ImportKinds.npy("twelve.npy"))
        .contains(
          "samples 0 to 4095 of uint16; expected the number that is white; say it with --maximum 4095 or --maximum 16383"
        )
    )
    #expect(
      try ImportKinds.refusal(ImportKinds.npy("nan.npy", reading: Reading(maximum: 1))).contains("value nan in image 3")
    )
    #expect(
      try ImportKinds.refusal(ImportKinds.npy("expected.npy", reading: Reading(maximum: 1))).contains("expected 0 to 1")
    )
    #expect(
      try ImportKinds.refusal(ImportKinds.npy("expected.npy", reading: Reading(minimum: 9, maximum: 9)))
        .contains("expected a minimum below the maximum"))
    let idx = PreparationSource.idx(
      train: .init(images: try ImportKinds.path("float.idx"), labels: try ImportKinds.path("labels.idx")), test: nil)
    #expect(try ImportKinds.refusal(idx).contains("samples 0 to 1 of float32"))
  }

  /// What is white in one set is white in the other.
  @Test func bothSetsHaveTheSameWhite() throws {
    let labels = try ImportKinds.path("labels.npy")
    func source(_ train: String, _ test: String) throws -> PreparationSource {
      .npy(
        train: .init(images: try ImportKinds.path(train), labels: labels),
        test: .init(images: try ImportKinds.path(test), labels: labels), Reading())
    }
    #expect(try ImportKinds.refusal(source("unit.npy", "signed.npy")).contains("samples -1 to 1"))
    #expect(
      try ImportKinds.refusal(source("unit.npy", "int32.npy")).contains("no sample above 1, but up to 255 elsewhere")
    )
  }

  @Test func axesAreToldByTheirExtents() throws {
    let color = try ImportKinds.expected()
    func pixels(_ name: String, _ reading: Reading = Reading()) throws -> [[UInt8]] {
      try ImportKinds.pixels(of: ImportKinds.imported(ImportKinds.npy(name, reading: reading)).dataset)
    }
    #expect(try pixels("nchw.npy") == color)
    #expect(try pixels("hwcn.npy") == color)
    #expect(try pixels("nchw_gray.npy") == ImportKinds.gray())
    #expect(try pixels("nchw.npy", Reading(axes: ArrayAxes("nchw"))) == color)
    let layout = ImageLayout(height: 5, width: 4, channels: 3)
    #expect(try pixels("rows_chw.npy", Reading(layout: layout, axes: ArrayAxes("CHW"))) == color)
    #expect(try pixels("rows_chw.npy", Reading(layout: layout)) != color)
    #expect(
      try ImportKinds.pixels(of: ImportKinds.imported(ImportKinds.hdf5("nchw", "labels")).dataset) == color)
    let (_, report) = try ImportKinds.imported(ImportKinds.npy("nchw.npy"))
    #expect(report.remarks.contains { $0.contains("shape [6, 3, 5, 4] was taken for NCHW") }, "\(report.remarks)")
    let (_, plain) = try ImportKinds.imported(ImportKinds.npy("expected.npy"))
    #expect(!plain.remarks.contains { $0.contains("taken for") })
  }

  @Test func severalOrdersAreRefused() throws {
    let message = try ImportKinds.refusal(ImportKinds.npy("ambiguous.npy"))
    #expect(message.contains("shape [6, 3, 3, 3] can have the axes NHWC or NCHW"), "\(message)")
    let square = try ImportKinds.expected().map { picture in
      (0..<3).flatMap { y in picture[y * 12..<y * 12 + 9] }
    }
    let channelsFirst = try ImportKinds.imported(
      ImportKinds.npy("ambiguous.npy", reading: Reading(axes: ArrayAxes("NCHW"))))
    #expect(try ImportKinds.pixels(of: channelsFirst.dataset) == square)
    #expect(
      try ImportKinds.refusal(ImportKinds.npy("nchw.npy", reading: Reading(axes: ArrayAxes("NHWC"))))
        .contains("expected extents for the axes NHWC, with 1 or 3 channels"))
    #expect(ArrayAxes("NHWX") == nil && ArrayAxes("NHHW") == nil && ArrayAxes("NC") == nil && ArrayAxes("") == nil)
  }
}

extension ImportKinds {
  fileprivate static func npy(
    _ images: String, reading: PreparationSource.ArrayReading
  ) throws -> PreparationSource { try npy(images, "labels.npy", reading) }
}
