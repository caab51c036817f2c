import ArgumentParser
import Datasets
import Studies
import Support

extension Prepare {
  /// Makes a dataset whose images are those of another one under a domain shift.
  struct Shifted: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "From another dataset, its images under a domain shift.",
      discussion: """
        Splits, classes, boxes and file names stay as they are, so that 'evaluate --on' tells what the shift alone costs. \
        Images are stored as samples. foggy: a light veil. gray: no color. recolored: hues turned, as by another light or \
        stain. edges, blurred, noisy, textured and inverted as they say. rotated and displaced move what is in the image, so \
        they are for datasets without boxes.
        """)
    @Argument(help: "The dataset of images.") var dataset: String
    @Option(help: "What happens to the images.") var shift: DomainShift.Kind
    @Option(help: "The strength of the shift, above 0 up to 1.") var severity = 1.0
    @Option(help: "The dataset's name (default: that of the other one).") var name: String?
    @OptionGroup var target: OutputOptions

    func validate() throws {
      guard severity > 0, severity <= 1 else { throw ValidationError("--severity is above 0, up to 1") }
    }

    func run() throws {
      try requireFile(dataset, expected: "a dataset")
      try target.requireNothingThere(inputs: [dataset])
      var line: ProgressLine?
      try Derivation(shift: DomainShift(kind: shift, severity: severity)).write(
        from: dataset, to: target.output, name: name, shouldStop: { StopRequest.isRequested }
      ) { done, total in
        if line == nil { line = ProgressLine("shift", total: total, unit: "images") }
        line?.update(done: done)
      }
      let made = try Dataset(opening: target.output)
      line?.finish(done: made.imageCount)
      print("wrote \(target.output): \(made.imageCount) images, \(shift.rawValue) at severity \(severity)")
    }
  }
}

extension DomainShift.Kind: ExpressibleByArgument {}
