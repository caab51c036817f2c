import Datasets
import Foundation
import Testing

/// Arrays of MATLAB's format 7.3 as MATLAB shows them.
@Suite struct MATLABClassTests {
  private typealias Reading = PreparationSource.ArrayReading

  private func imported(_ images: String, _ labels: String, _ reading: Reading = Reading()) throws -> Dataset {
    try ImportKinds.imported(ImportKinds.hdf5(images, labels, in: "matlab.mat", reading)).dataset
  }

  private func refusal(_ images: String, _ labels: String, _ reading: Reading = Reading()) throws -> String {
    try ImportKinds.refusal(ImportKinds.hdf5(images, labels, in: "matlab.mat", reading))
  }

  @Test func picturesLieColumnByColumn() throws {
    let gray = try ImportKinds.gray()
    #expect(try ImportKinds.pixels(of: imported("X", "y")) == ImportKinds.expected())
    #expect(try ImportKinds.pixels(of: imported("D", "y", Reading(maximum: 1))) == ImportKinds.expected())
    #expect(try ImportKinds.pixels(of: imported("G", "y")) == gray)
    #expect(try ImportKinds.pixels(of: imported("M", "y")) == gray.map { $0.map { $0 > 127 ? 255 : 0 } })
    let layout = ImageLayout(height: 5, width: 4)
    #expect(
      try ImportKinds.pixels(of: imported("R", "y", Reading(layout: layout, axes: ArrayAxes("NWH")))) == gray)
    #expect(try refusal("R", "y", Reading(layout: layout)).contains("NWH if each image was flattened column by column"))
    #expect(try refusal("D", "y").contains("samples 0 to 1 of float64"))
    let (_, report) = try ImportKinds.imported(ImportKinds.hdf5("X", "y", in: "matlab.mat"))
    #expect(report.remarks.contains { $0.contains("shape [5, 4, 3, 6] was taken for HWCN") }, "\(report.remarks)")
  }

  @Test func labelsOfEveryClass() throws {
    let (dataset, report) = try ImportKinds.imported(ImportKinds.hdf5("X", "y", in: "matlab.mat"))
    #expect(ImportKinds.classes(of: dataset) == ["1", "2", "3", "1", "2", "3"])
    #expect((0..<6).map(dataset.label) == [0, 1, 2, 0, 1, 2])
    #expect(report.remarks.contains { $0.contains("labels 1 to 3; the first class is that of label 1") })
    #expect(try ImportKinds.classes(of: imported("X", "yrow")) == ["1", "2", "3", "1", "2", "3"])
    #expect(try ImportKinds.classes(of: imported("X", "yzero")) == ["0", "1", "2", "0", "1", "2"])
    #expect(try ImportKinds.classes(of: imported("X", "onehot")) == ["0", "1", "2", "0", "1", "2"])
    for name in ["chars", "cells"] {
      #expect(try ImportKinds.classes(of: imported("X", name)) == ["cat", "dog", "über", "cat", "dog", "über"])
    }
    #expect(try imported("X", "y", Reading(firstLabel: 0)).classNames == ["0", "1", "2", "3"])
  }

  @Test func whatIsNoArrayOfNumbers() throws {
    #expect(try refusal("none", "y").contains("an empty array"))
    #expect(try refusal("X", "none").contains("an empty array"))
    #expect(try refusal("chars", "y").contains("a MATLAB array of class char"))
    #expect(try refusal("cells", "y").contains("a MATLAB array of class cell"))
    #expect(
      try ImportKinds.refusal(ImportKinds.hdf5("X", "y", in: "old.mat"))
        .contains("a file in MATLAB's format 5; expected format 7.3"))
  }

  /// Images at the first index and at the last one fit 6 x 6 x 6 alike.
  @Test func axesThatCannotBeToldApartAreRefused() throws {
    let message = try ImportKinds.refusal(ImportKinds.hdf5("cube", "n", in: "columns.mat"))
    #expect(message.contains("an array of shape [6, 6, 6] can have the axes NHW or HWN"), "\(message)")
    var pixels: [[[UInt8]]] = []
    for axes in ["NHW", "HWN"] {
      let source = try ImportKinds.hdf5("cube", "n", in: "columns.mat", Reading(axes: ArrayAxes(axes)))
      pixels.append(try ImportKinds.pixels(of: ImportKinds.imported(source).dataset))
    }
    #expect(pixels[0] != pixels[1])
  }
}
