import Foundation
import Images
package import Support
import Tensors

/// A dataset preparation: one source becomes one dataset file, bitwise reproducible for the same input and seed.
///
/// Duplicates go first, then each class is split by its own shuffle of the seed. Of equal images under one label the
/// first is kept, one in the source's own test set before any other; equal images under different labels all go. An
/// image with several regions is split by the class of its first.
package struct Preparation: Sendable {
  /// The images and labels to prepare.
  package var source: PreparationSource
  /// The dataset's name, for the file's header.
  package var name: String
  /// The source of the data, for the file's header.
  package var origin: String
  /// The data's license, for the file's header.
  package var license: String
  /// The names of labels 0, 1, …; of folders, their order. The labels' numbers or the folders' names if `nil`.
  package var classNames: [String]?
  /// 1 or 3; as the images are if `nil`, 3 as soon as one is in color.
  package var channels: Int?
  /// How images, with their boxes, are resized and cropped; nil keeps their size.
  package var resizing: ImageResizing?
  /// A file of proposals for the images, by their names; nil for none.
  package var proposals: String?
  /// Whether duplicate images are removed.
  package var removesDuplicates = true
  /// The share of training images.
  package var train = SplitShare.rest
  /// A share of the source's own validation set if it has one, of everything otherwise; all of the one or a tenth if `nil`.
  package var validation: SplitShare?
  /// A share of the source's own test set if it has one, of everything otherwise.
  ///
  /// If `nil`, all of the one or a fifth of everything; nothing of a source that has a validation set and no test set.
  package var test: SplitShare?
  /// The share of each class to exclude before the split: the images that another dataset of the same source and seed has.
  package var omitted = SplitShare.count(0)
  /// The seed of the splits.
  package var seed: UInt64 = 0
  /// How images are stored; nil stores files as they are unless they are resized or larger than their samples, and arrays as
  /// samples.
  package var storage: ImageStorage?
  /// Threads that read and decode image files; the dataset does not depend on them.
  package var threads = ProcessInfo.processInfo.activeProcessorCount
  /// Whether unreadable images are skipped and listed, instead of ending the preparation.
  package var skipsUnreadable = false
  /// The names of images to leave out, as a `DomainSurvey` found them.
  package var leftOut: Set<String> = []
  /// Whether all images of a source with splits of its own are split anew.
  package var joinsSplits = false

  /// A preparation with default shares: validation and test as the source has them, the rest for training.
  package init(source: PreparationSource, name: String, origin: String, license: String) {
    self.source = source
    self.name = name
    self.origin = origin
    self.license = license
  }

  /// Makes the dataset file.
  /// - Parameters:
  ///   - shouldStop: polled before each image.
  ///   - progress: called with the work done and the whole of it, in images read.
  /// - Throws: `FileError` for the first thing that is wrong with the source or cannot be written, or, of the kind
  ///   `interrupted`, if a stop was requested; a file that was at the path is then as it was.
  package func run(
    writingTo path: String, shouldStop: @escaping () -> Bool = { false },
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(FileError) -> PreparationReport {
    let workplace = ImportWorkplace(output: path, shouldStop: shouldStop)
    let images = try images(in: workplace)
    var report = PreparationReport()
    report.found = images.all.count
    report.remarks = images.remarks
    report.classNames = try checkedClassNames(of: images)
    let all = try survey(of: images, report: &report) { done throws(FileError) in
      try workplace.check()
      progress(done, 2 * images.all.count)
    }
    let survey = all.without { !leftOut.isEmpty && leftOut.contains(images.all.name(at: $0)) }
    if let remark = Self.remark(onEmptyClassesOf: images, report.classNames) { report.remarks.append(remark) }
    let splits = try splits(of: survey.kept, in: images, classNames: report.classNames, path: path)

    let chosen = splits.keys.sorted()
    if chosen.count < survey.kept.count {
      report.remarks.append(
        "\(survey.kept.count - chosen.count) of \(survey.kept.count) images go into no split, as the shares leave them out"
      )
    }
    let (storage, remark) = try storage(of: chosen, images, survey, path: path)
    (report.storage, report.storageRemark) = (storage, remark)
    let header = DatasetHeader(
      name: name, source: origin, license: license, classNames: report.classNames, channels: survey.channels,
      resizing: resizing, storage: storage)
    var proposals = try proposals.map { file throws(FileError) in try ProposalList(reading: file, in: workplace) }
    var writer = try DatasetWriter(path: path, header: header)
    var indices: [Split: [Int]] = [:]
    for split in Split.allCases { report.counts[split] = report.classNames.map { _ in 0 } }
    let prepared = Prefetcher(0..<chosen.count, threads: images.all.isOfFiles ? threads : 1) {
      [self] place throws(FileError) in
      try self.prepared(chosen[place], of: images, as: storage, survey)
    }
    defer { prepared.stop() }
    for (done, index) in chosen.enumerated() {
      guard let split = splits[index] else { continue }
      try workplace.check()
      let image = try prepared.next()
      let name = images.all.fileName(at: index)
      var given = try proposals?.proposals(of: images.names(at: index), in: image.extent) ?? Proposals()
      if let resizing { given = resizing.transform(of: image.extent).proposals(given, of: image.extent) }
      let place =
        switch image.content {
        case .samples(let samples):
          try writer.append(samples, regions: image.regions, proposals: given, fileName: name)
        case .encoded(let encoded):
          try writer.append(encoded, regions: image.regions, proposals: given, fileName: name)
        }
      indices[split, default: []].append(place)
      for region in image.regions where region.mark != .background { report.counts[split]?[region.label] += 1 }
      progress(images.all.count + (done + 1) * images.all.count / splits.count, 2 * images.all.count)
    }
    if let proposals { report.remarks += try proposals.report() }
    try writer.finish(splits: indices)
    return report
  }

  /// The images of the source, in its own splits or as one.
  /// - Throws: `FileError` for what is missing, damaged or does not fit together.
  func images(in workplace: ImportWorkplace) throws(FileError) -> SourceImages {
    let images = try source.open(classNames: classNames, in: workplace)
    guard joinsSplits, images.test != nil || images.validation != nil else { return images }
    return SourceImages(
      train: images.all, test: nil, classNames: images.classNames,
      remarks: images.remarks.filter { !$0.hasPrefix(FolderImages.remarkOnSplits) }
        + ["the splits of the source are joined, and its images split anew"])
  }

  /// The classes that no image of the source has; `nil` if there are none.
  private static func remark(onEmptyClassesOf images: SourceImages, _ names: [String]) -> String? {
    var isUsed = names.map { _ in false }
    for index in 0..<images.all.count {
      for region in images.all.regions(at: index) where region.mark != .background { isUsed[region.label] = true }
    }
    let empty = names.indices.filter { !isUsed[$0] }
    guard !empty.isEmpty else { return nil }
    let shown = empty.prefix(5).map { names[$0] }.joined(separator: ", ") + (empty.count > 5 ? ", …" : "")
    return "\(empty.count) of \(names.count) classes have no images: \(shown)"
  }

  /// The class names, every label being the place of one.
  func checkedClassNames(of images: SourceImages) throws(FileError) -> [String] {
    let most = 1 << 16
    let classCount = images.classNames?.count ?? most
    var highest = 0
    for index in 0..<images.all.count {
      for label in images.all.regions(at: index).map(\.label) {
        guard (0..<classCount).contains(label) else {
          throw FileError(
            what: "label \(label)", path: images.all.name(at: index), expected: "0 to \(classCount - 1)",
            action: images.classNames == nil
              ? "check which column or file holds the labels"
              : "name every class" + (label == classCount ? ", or say --first-label 1 if labels count from 1" : ""))
        }
        highest = max(highest, label)
      }
    }
    return images.classNames ?? (0...highest).map(String.init)
  }
}
