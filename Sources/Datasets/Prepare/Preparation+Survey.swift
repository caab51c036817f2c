import Images
internal import Support

/// The result of reading every image of a source once.
struct Survey {
  /// The images that can be used, in order.
  var kept: [Int] = []
  /// Channels: the user's choice, else 3 if any image is in color, else 1.
  var channels = 1
  /// What is known of each image that could be read.
  var images: [Int: SurveyedImage] = [:]

  /// The survey without some of the images that can be used.
  func without(_ isLeftOut: (Int) -> Bool) -> Survey {
    var survey = self
    survey.kept.removeAll(where: isLeftOut)
    return survey
  }
}

extension Preparation {
  /// Images that a thread reads at a time.
  private static let surveyedAtOnce = 8

  /// Reads every image once, on several threads: finds those that cannot be read, duplicates, and the channels to write.
  func survey(
    of images: SourceImages, report: inout PreparationReport, progress: (Int) throws(FileError) -> Void
  ) throws(FileError) -> Survey {
    func picture(_ index: Int) throws(FileError) -> Image {
      try images.all.image(at: index).image.converted(toChannels: channels ?? 3)
    }
    var survey = Survey()
    if let channels { survey.channels = channels }
    var search = DuplicateSearch()
    // The test set of the source comes first, then its validation set, so that a copy outside is the one to go.
    let order = Array(images.train.count..<images.all.count) + Array(0..<images.train.count)
    var traits: [ImageTrait: (count: Int, example: String)] = [:]
    let step = Self.surveyedAtOnce
    let parts = Prefetcher(
      0..<(order.count + step - 1) / step, depth: 4 * threads, threads: images.all.isOfFiles ? threads : 1
    ) {
      [channels, removesDuplicates] part in
      order[part * step..<min((part + 1) * step, order.count)].map { index in
        Result { () throws(FileError) in
          SurveyedImage(try images.all.image(at: index), channels: channels, searches: removesDuplicates)
        }
      }
    }
    defer { parts.stop() }
    var part: ArraySlice<Result<SurveyedImage, FileError>> = []
    for (done, index) in order.enumerated() {
      try progress(done + 1)
      if part.isEmpty { part = parts.next()[...] }
      let image: SurveyedImage
      do throws(FileError) { image = try part.removeFirst().get() } catch {
        guard skipsUnreadable else {
          guard images.all.fileName(at: index) != nil else { throw error }
          throw FileError(message: error.message + "; --skip-unreadable skips such images", kind: error.kind)
        }
        report.skipped.append(error.message)
        continue
      }
      for (trait, detail) in image.traits {
        let example = images.all.name(at: index) + (detail.isEmpty ? "" : ", \(detail)")
        traits[trait, default: (0, example)].count += 1
      }
      survey.images[index] = image
      if channels == nil { survey.channels = max(survey.channels, image.channels) }
      if let key = image.key { try search.insert(key, at: index, image: picture) }
    }

    for (trait, found) in traits.sorted(by: { $0.key < $1.key }) {
      report.remarks.append(
        "\(found.count) of \(images.all.count) images \(found.count == 1 ? "is" : "are") \(trait.remark) "
          + "(\(found.count == 1 ? "" : "such as ")\(found.example))")
    }
    var conflicting: Set<Int> = []
    for (copy, first) in search.firstCopies where images.all.regions(at: copy) != images.all.regions(at: first) {
      conflicting.insert(first)
    }
    for index in survey.images.keys.sorted() {
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
