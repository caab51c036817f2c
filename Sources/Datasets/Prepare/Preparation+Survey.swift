import Images
internal import Support

/// The result of reading every image of a source once.
struct Survey {
  /// The images that can be used, in order.
  var kept: [Int] = []
  /// Channels: the user's choice, else 3 if any image is in color, else 1.
  var channels = 1
}

extension Preparation {
  /// Reads every image once: finds those that cannot be read, duplicates, and the channels to write.
  func survey(
    of images: SourceImages, report: inout PreparationReport, progress: (Int) throws(FileError) -> Void
  ) throws(FileError) -> Survey {
    // Gray and color are compared as color, unless all is made gray.
    let compared = channels ?? 3
    func picture(_ index: Int) throws(FileError) -> Image {
      try images.image(at: index).converted(toChannels: compared)
    }
    var survey = Survey()
    if let channels { survey.channels = channels }
    var search = DuplicateSearch()
    var readable: [Int] = []
    // The test set of the source comes first, then its validation set, so that a copy outside is the one to go.
    let order = Array(images.train.count..<images.count) + Array(0..<images.train.count)
    var traits: [ImageTrait: (count: Int, example: String)] = [:]
    for (done, index) in order.enumerated() {
      try progress(done + 1)
      let image: Image
      do throws(FileError) {
        let found: [ImageTrait: String]
        (image, found) = try images.traits(at: index)
        for (trait, detail) in found {
          let example = images.name(at: index) + (detail.isEmpty ? "" : ", \(detail)")
          traits[trait, default: (0, example)].count += 1
        }
      } catch {
        guard skipsUnreadable else {
          guard images.fileName(at: index) != nil else { throw error }
          throw FileError(message: error.message + "; --skip-unreadable skips such images", kind: error.kind)
        }
        report.skipped.append(error.message)
        continue
      }
      readable.append(index)
      if channels == nil { survey.channels = max(survey.channels, image.channels) }
      if removesDuplicates {
        try search.insert(image.converted(toChannels: compared), at: index, image: picture)
      }
    }

    for (trait, found) in traits.sorted(by: { $0.key < $1.key }) {
      report.remarks.append(
        "\(found.count) of \(images.count) images \(found.count == 1 ? "is" : "are") \(trait.remark) "
          + "(\(found.count == 1 ? "" : "such as ")\(found.example))")
    }
    var conflicting: Set<Int> = []
    for (copy, first) in search.firstCopies where images.regions(at: copy) != images.regions(at: first) {
      conflicting.insert(first)
    }
    for index in readable.sorted() {
      if conflicting.contains(search.firstCopies[index] ?? index) {
        report.conflicting += 1
      } else if search.firstCopies[index] != nil {
        report.duplicates += 1
      } else {
        survey.kept.append(index)
      }
    }
    return survey
  }
}
