internal import Layers
package import Networks
internal import Support
internal import Weights

/// What a file of weights is for: the built-in network whose backbone it holds, and the input normalization that it
/// expects.
package struct RecognizedWeights: Sendable {
  /// The built-in network.
  package let preset: NetworkDescription.Preset
  /// Why it is this one, in words.
  package let reason: String
  /// The input normalization; nil where nothing tells.
  package let inputNormalization: InputNormalization?
  /// Why it is this one, in words; empty where nothing tells.
  package let normalizationReason: String

  /// Compares a file with every built-in network; the one that leaves the fewest tensors unused is taken.
  /// - Parameter preset: the network, where it is known; nil finds it.
  /// - Throws: `FileError` where the file cannot be read, or is for no built-in network or not for the given one;
  ///   `TrainingError` where it is a run's and cannot be read.
  package init(of path: String, preset: NetworkDescription.Preset? = nil) throws {
    let file = try WeightsFile(opening: path)
    var best: (preset: NetworkDescription.Preset, loaded: Int, unused: Int)?
    var failure: (any Error)?
    for candidate in preset.map({ [$0] }) ?? NetworkDescription.Preset.allCases {
      do {
        let rows = try Self.rows(of: candidate, in: file)
        let loaded = rows.count { $0.outcome == .loaded }
        let unused = rows.count { $0.outcome == .unused }
        guard loaded > 0, best.map({ (unused, -loaded) < ($0.unused, -$0.loaded) }) ?? true else { continue }
        best = (candidate, loaded, unused)
      } catch { failure = error }
    }
    guard let best else {
      if preset != nil, let failure { throw failure }
      throw FileError(
        what: "weights of no built-in network (\(file.layout))", path: path,
        expected: "those of \(NetworkDescription.Preset.allCases.map(\.rawValue).joined(separator: ", "))",
        action: "name the network if it is one of these, or write the study's file by hand (docs/study.md)")
    }
    self.preset = best.preset
    reason = preset != nil ? "as asked for" : "the file has \(best.loaded) tensors of its backbone, in their shapes"
    if let state = try file.runState(layers: .standard) {
      inputNormalization = state.configuration.data.inputNormalization
      normalizationReason = "the run that wrote the file had it"
    } else {
      let family = Family(file.format)
      inputNormalization = family.flatMap { Self.normalization(of: best.preset, in: $0) }
      normalizationReason =
        inputNormalization == nil ? "" : "\(family?.rawValue ?? "")'s weights of \(best.preset.rawValue) expect it"
    }
  }

  private static func rows(
    of preset: NetworkDescription.Preset, in file: WeightsFile
  ) throws -> [LoadingPlan.Row] {
    func rows(channels: Int) throws -> [LoadingPlan.Row] {
      let network = try NetworkDescription(preset: preset).backbone.network(channels: channels, classes: 2)
      return try LoadingPlan(network, input: nil, from: file).rows
    }
    do { return try rows(channels: 3) } catch { return try rows(channels: 1) }
  }

  /// Libraries whose files differ in the input that their weights expect.
  private enum Family: String {
    case keras = "Keras"
    case caffe = "Caffe"
    case torch = "torchvision"

    /// nil for files that several libraries write.
    init?(_ format: WeightsFormat) {
      switch format {
      case .keras, .keras3, .kerasArchive: self = .keras
      case .caffe, .caffemodel: self = .caffe
      case .torch, .safetensors, .pt, .onnx: self = .torch
      case .numpy, .numpyTorch, .numpyKeras: return nil
      }
    }
  }

  /// Published weights' input, as `docs/images.md` lists it; nil where no published weights are known.
  private static func normalization(of preset: NetworkDescription.Preset, in family: Family) -> InputNormalization? {
    switch (preset, family) {
    case (.smallVGG, _), (.lenet, _): nil
    case (.mobilenetV1, .keras): .symmetric
    case (_, .torch): .torch
    case (.vgg11, _), (.vgg13, _), (.vgg16, _), (.vgg19, _), (.resnet50, .keras), (.resnet101, .keras): .caffe
    case (.caffenet, .caffe), (.alexnet, .caffe), (.squeezenet10, .caffe), (.squeezenet11, .caffe),
      (.googlenet, .caffe):
      .numbers(.init(order: .bgr, mean: [104, 117, 123]))
    default: nil
    }
  }
}
