internal import Images
package import Support
package import Tensors

/// What several sources of images hold, each a domain: every image is read once, and no two domains keep the same one.
///
/// Of images that are in two domains, the one in the first of them stays; the others are told, and left out by `leftOut`.
package struct DomainSurvey: Sendable {
  /// A domain before the survey.
  package struct Source: Sendable, Equatable {
    /// Its name.
    package var name: String
    /// Where its images are.
    package var images: PreparationSource

    /// A named source.
    package init(name: String, images: PreparationSource) { (self.name, self.images) = (name, images) }
  }

  /// Images that a domain shares with an earlier one.
  package struct Shared: Sendable, Equatable {
    /// The earlier domain, which keeps them.
    package var keeper: String
    /// Their number.
    package var count: Int
    /// One of them here, and the same there.
    package var example: (here: String, there: String)

    /// Whether both are the same, with the same example.
    package static func == (a: Shared, b: Shared) -> Bool {
      a.keeper == b.keeper && a.count == b.count && a.example == b.example
    }
  }

  /// What a domain holds.
  package struct Domain: Sendable {
    /// The domain and where its images are.
    package var source: Source
    /// The names of its classes, in the order of their labels.
    package var classNames: [String]
    /// Images of each class, without copies and without those that an earlier domain has.
    package var counts: [Int]
    /// Height and width of each of these images, in pixels.
    package var extents: [Extent]
    /// 3 if an image is in color, else 1.
    package var channels: Int
    /// Copies of images of the same domain.
    package var duplicates: Int
    /// Images that have copies with other labels.
    package var conflicting: Int
    /// What earlier domains have too.
    package var shared: [Shared]
    /// The names of the images that earlier domains have, for `Preparation.leftOut`.
    package var leftOut: Set<String>
    /// What the source passes over, and what is remarkable about its images, one sentence each.
    package var remarks: [String]
    /// Why images were skipped, one message each.
    package var skipped: [String]
  }

  /// The domains, in the order given.
  package let domains: [Domain]

  /// Reads every image.
  /// - Parameters:
  ///   - scratch: a path in a folder where files may be made for a while, if a source needs that.
  ///   - skipsUnreadable: whether unreadable images are skipped and listed, instead of ending the survey.
  ///   - shouldStop: polled before each image.
  ///   - progress: called with a domain's name, the images read and all of them.
  /// - Throws: `FileError` for the first thing that is wrong with a source, or, of the kind `interrupted`, if a stop was
  ///   requested.
  package init(
    _ sources: [Source], scratch: String, threads: Int, skipsUnreadable: Bool = false,
    shouldStop: @escaping () -> Bool = { false }, progress: (_ domain: String, _ done: Int, _ total: Int) -> Void
  ) throws(FileError) {
    var domains: [Domain] = []
    var keepers = SharedImageSearch()
    for source in sources {
      var preparation = Preparation(source: source.images, name: source.name, origin: "", license: "")
      (preparation.threads, preparation.skipsUnreadable) = (threads, skipsUnreadable)
      (preparation.channels, preparation.joinsSplits) = (nil, true)
      let workplace = ImportWorkplace(output: scratch, shouldStop: shouldStop)
      let images = try preparation.images(in: workplace)
      var report = PreparationReport()
      let classNames = try preparation.checkedClassNames(of: images)
      let survey = try preparation.survey(of: images, report: &report) { done throws(FileError) in
        try workplace.check()
        progress(source.name, done, images.all.count)
      }
      var domain = Domain(
        source: source, classNames: classNames, counts: classNames.map { _ in 0 }, extents: [],
        channels: survey.channels, duplicates: report.duplicates, conflicting: report.conflicting, shared: [],
        leftOut: [], remarks: images.remarks + report.remarks, skipped: report.skipped)
      for index in survey.kept {
        guard let image = survey.images[index], let key = image.key else { continue }
        let name = images.all.name(at: index)
        if let (keeper, there) = try keepers.keeper(
          of: key, { () throws(FileError) in try images.all.image(at: index).image })
        {
          domain.add(name, sharedWith: keeper, there)
          continue
        }
        domain.counts[images.all.label(at: index)] += 1
        domain.extents.append(image.extent)
      }
      keepers.add(source.name, images, survey, without: domain.leftOut)
      domains.append(domain)
    }
    self.domains = domains
  }
}

extension DomainSurvey.Domain {
  fileprivate mutating func add(_ name: String, sharedWith keeper: String, _ there: String) {
    leftOut.insert(name)
    if let place = shared.firstIndex(where: { $0.keeper == keeper }) {
      shared[place].count += 1
    } else {
      shared.append(.init(keeper: keeper, count: 1, example: (name, there)))
    }
  }
}

/// Finds the domain that has an image already, by a checksum and then pixel by pixel.
private struct SharedImageSearch {
  private var places: [UInt64: [(domain: Int, index: Int)]] = [:]
  private var domains: [(name: String, images: SourceImages)] = []

  /// The domain that has the image, and its name there.
  /// - Parameter image: reads the image, to compare it.
  func keeper(
    of key: UInt64, _ image: () throws(FileError) -> Image
  ) throws(FileError) -> (domain: String, name: String)? {
    guard let candidates = places[key] else { return nil }
    let here = try image().converted(toChannels: 3)
    for place in candidates {
      let (name, images) = domains[place.domain]
      if try images.all.image(at: place.index).image.converted(toChannels: 3) == here {
        return (name, images.all.name(at: place.index))
      }
    }
    return nil
  }

  mutating func add(_ name: String, _ images: SourceImages, _ survey: Survey, without leftOut: Set<String>) {
    for index in survey.kept {
      guard let key = survey.images[index]?.key, leftOut.isEmpty || !leftOut.contains(images.all.name(at: index)) else {
        continue
      }
      places[key, default: []].append((domains.count, index))
    }
    domains.append((name, images))
  }
}
