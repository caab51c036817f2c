internal import Networks
internal import Optimizers
internal import Serialization
internal import Support
internal import Training

/// Every knob of one training run, as a value.
///
/// The knobs that are used most are properties; ``setting(_:to:)`` reaches all others by the keys of a YAML configuration,
/// which `docs/configuration.md` lists. Properties are not checked when they are set but when a run starts.
public struct TrainingConfiguration: Sendable, Equatable {
  var value: Configuration

  init(_ value: Configuration) { self.value = value }

  /// The defaults, on a dataset file.
  public init(dataset path: String) { value = Configuration(data: .init(path: path)) }

  /// Reads a configuration from a YAML text.
  ///
  /// - Throws: ``BulkheadError`` of the kind `invalid` with the line and the key that is wrong.
  public init(yaml text: String) throws(BulkheadError) {
    value = try translatingErrors {
      try StrictDecoder(source: "configuration").decode(Configuration.self, from: text)
    }
  }

  /// Reads a configuration file.
  ///
  /// - Throws: ``BulkheadError`` of the kind `missing`, or `invalid` with the line and the key that is wrong.
  public init(opening path: String) throws(BulkheadError) {
    value = try translatingErrors { try Configuration(path: path) }
  }

  /// The configuration with another value for a key.
  ///
  /// - Parameters:
  ///   - key: its path, such as `optimizer.learningRate` or `optimizer.groups[0].match`.
  ///   - text: the value as YAML, such as `0.1`, `[backbone]` or `{kind: cosine, warmup: 1}`.
  /// - Throws: ``BulkheadError`` of the kind `invalid` for an unknown key or an impossible value.
  public func setting(_ key: String, to text: String) throws(BulkheadError) -> TrainingConfiguration {
    try rewritten { node in try node.set("\(key)=\(text)") }
  }

  /// The whole configuration as YAML, with every default written out.
  ///
  /// - Throws: ``BulkheadError`` of the kind `invalid` where a number is not finite.
  public var yaml: String {
    get throws(BulkheadError) {
      do { return try YAMLText.encode(value) } catch { throw BulkheadError(.invalid, "configuration: \(error)") }
    }
  }

  /// The dataset file.
  public var dataset: String {
    get { value.data.path }
    set { value.data.path = newValue }
  }

  /// The network.
  public var network: NetworkModel {
    get { NetworkModel(value.network) }
    set { value.network = newValue.value }
  }

  /// The file of weights to begin with, in any known layout; nil trains from scratch.
  ///
  /// The classifier, and what else the head says, is newly initialized.
  public var weights: String? {
    get { value.weights?.from }
    set {
      guard let newValue else { return value.weights = nil }
      if value.weights == nil { value.weights = .init(from: newValue) }
      value.weights?.from = newValue
    }
  }

  /// Training images per class, drawn by the seed; nil takes all.
  public var trainPerClass: Int? {
    get { value.data.trainPerClass }
    set { value.data.trainPerClass = newValue }
  }

  /// Validation images per class, drawn by the seed; nil takes all, and 0 trains without validation.
  public var validationPerClass: Int? {
    get { value.data.validationPerClass }
    set { value.data.validationPerClass = newValue }
  }

  /// Images per step.
  public var batchSize: Int {
    get { value.data.batch }
    set { value.data.batch = newValue }
  }

  /// Passes over the training images.
  public var epochs: Int {
    get { value.epochs }
    set { value.epochs = newValue }
  }

  /// A validation metric that can select the best epoch.
  public enum SelectionMetric: String, Sendable, CaseIterable {
    /// The share of correct predictions.
    case accuracy
    /// The mean over classes of the share that was recognized.
    case balancedAccuracy
    /// The mean over classes of F1.
    case macroF1
    /// Cross-entropy, the log loss.
    case loss
    /// Of a detector, VOC's mean average precision at an overlap of 0.5, over all points.
    case mAP
    /// Of a detector, COCO's mean average precision.
    case cocoAP
    /// Of a detector, VOC's mean average precision at an overlap of 0.5, of eleven points.
    case mAP11
  }

  /// The validation metric that selects the best epoch and ends a run early; by default accuracy, or mAP of a detector.
  public var selectionMetric: SelectionMetric {
    get {
      value.select.flatMap { SelectionMetric(rawValue: $0.rawValue) }
        ?? (value.taskKind == .detection ? .mAP : .accuracy)
    }
    set { value.select = .init(rawValue: newValue.rawValue) }
  }

  /// Epochs without a better one on validation after which the run ends; nil never ends it early.
  public var patience: Int? {
    get { value.patience }
    set { value.patience = newValue }
  }

  /// The learning rate that the schedule begins with.
  public var learningRate: Double {
    get { value.optimizer.learningRate }
    set { value.optimizer.learningRate = newValue }
  }

  /// Fixes initialization, drawn images, order, sizes, augmentation and dropout.
  public var seed: UInt64 {
    get { value.seed }
    set { value.seed = newValue }
  }

  /// Threads of computation that a run has for itself; by default one per processor.
  public var threads: Int {
    get { value.threads }
    set { value.threads = newValue }
  }

  /// The configuration after its properties are checked, as a configuration file is.
  func checked() throws(BulkheadError) -> Configuration { try rewritten { _ in }.value }

  private func rewritten(_ change: (inout YAMLNode) throws -> Void) throws(BulkheadError) -> TrainingConfiguration {
    let text = try yaml
    return try translatingErrors {
      var node = try YAMLNode(parsing: text, source: "configuration")
      try change(&node)
      return TrainingConfiguration(try StrictDecoder(source: "configuration").decode(Configuration.self, from: node))
    }
  }
}
