internal import Datasets
internal import Studies
internal import Support
internal import Training

/// Sample pictures of every domain, with its shift.
struct PicturesSection {
  let plan: StudyPlan

  /// Pictures of each domain, at most.
  private static let count = 8

  var html: String {
    plan.study.domains.map { domain in
      let shift = domain.derivation.map { ": \($0.recipe)" } ?? ""
      return "<h3>\(Markup.escaped(domain.name + shift))</h3>\n" + row(of: domain)
    }.joined()
  }

  private func row(of domain: Domain) -> String {
    // Those of the target are new to source models.
    let paths = domain.images.map { [$0] } ?? plan.datasets.filter { $0.domain == domain.name }.map(\.images)
    guard let path = paths.last else { return "" }
    do throws(FileError) {
      let dataset = try Dataset(opening: path, memoryLimit: 0)
      guard dataset.header.features == nil else {
        return Markup.paragraph("\(path) holds feature maps, no pictures.", style: "dim")
      }
      var cards: [Gallery.Card] = []
      for sample in Self.samples(of: dataset) {
        let index = dataset.imageIndex(of: sample)
        let name = dataset.classNames[dataset.label(of: sample)]
        let frames = dataset.box(of: sample).map { [Picture.Frame(box: $0, kind: .truth, tip: name)] } ?? []
        cards.append(
          Gallery.Card(
            picture: Picture(
              try dataset.image(at: index), "A picture of \(name) in \(domain.name)", frames: frames, longest: 128),
            lines: [name]))
      }
      return Gallery(size: .medium, cards: cards).html
    } catch { return Markup.paragraph("Not shown: \(error)", style: "dim") }
  }

  /// Training samples: the first of each class, then the second, and so on.
  private static func samples(of dataset: Dataset) -> [Int] {
    let all = dataset.samples(of: .train).isEmpty ? dataset.samples(of: .test) : dataset.samples(of: .train)
    var seen: [Int: Int] = [:]
    let ranked = all.map { sample -> (rank: Int, sample: Int) in
      let label = dataset.label(of: sample)
      defer { seen[label, default: 0] += 1 }
      return (seen[label, default: 0], sample)
    }
    return ranked.sorted { ($0.rank, dataset.label(of: $0.sample)) < ($1.rank, dataset.label(of: $1.sample)) }
      .prefix(count).map(\.sample)
  }
}
