internal import Support

extension NetworkDescription {
  /// The layers on top of the backbone: pooling, hidden layers, classifier.
  package struct Head: Codable, Sendable, Equatable {
    /// A kind of head.
    package enum Kind: String, Codable, Sendable, CaseIterable {
      /// ROIPool to the source model's grid (7×7), `depth` fully connected layers of `width`, classifier.
      case fc
      /// Global average pooling, classifier; the source model has the same head.
      case gap
      /// As `gap`, on the backbone of an `fc` model.
      case gapCut = "gap-cut"
      /// As `fc`, with its hidden layers reinitialized.
      case fcRandom = "fc-random"
      /// As `fc`, with the rows of the first layer's weight permuted by the run's seed.
      case fcPermuted = "fc-permuted"
      /// As `fc`, without the ReLUs between its hidden layers, which makes them one linear map; the last ReLU stays.
      case fcLinear = "fc-linear"
      /// ROIPool to the grid, flatten, classifier; no hidden layers.
      case flatten
      /// Global average pooling and hidden layers with about the parameter count of `fc` with that width and depth.
      case gapMLP = "gap-mlp"
      /// As `fc`, each hidden layer truncated to `rank` by SVD: two layers, `fc6_down` without bias and `fc6_up`.
      case fcRank = "fc-rank"
      /// As `fc`, as convolutions: the first with a kernel of the grid's extent, the others 1×1; averages the score map.
      case fcConvolution = "fc-conv"
      /// Global average and max pooling, each L2-normalized, concatenated; classifier.
      case dan
      /// Dropout, a 1×1 convolution to one map per class, ReLU, global average pooling (SqueezeNet, Iandola et al. 2016).
      case convolutionGAP = "conv-gap"
      /// No head: the network ends in feature maps.
      case none

      /// Whether it has a width and a depth: those of its fully connected layers, or of those that it replaces.
      package var isFullyConnected: Bool {
        switch self {
        case .fc, .fcRandom, .fcPermuted, .fcLinear, .gapMLP, .fcRank, .fcConvolution: true
        case .gap, .gapCut, .flatten, .dan, .convolutionGAP, .none: false
        }
      }

      /// Whether it drops activations before its classifier.
      var hasDropout: Bool { isFullyConnected || self == .convolutionGAP }

      /// Whether its classifier's inputs can be L2-normalized: pooled maps; `dan` always normalizes them.
      var canNormalizeFeatures: Bool {
        switch self {
        case .gap, .gapCut, .flatten: true
        default: false
        }
      }

      /// The head of the source model: `fc` for heads that start from an `fc` model, else the head itself.
      package var source: Kind {
        switch self {
        case .fc, .gap, .fcLinear, .dan, .convolutionGAP, .none: self
        case .gapCut, .fcRandom, .fcPermuted, .flatten, .gapMLP, .fcRank, .fcConvolution: .fc
        }
      }
    }

    /// The kind of head.
    package var kind: Kind
    /// Outputs of each hidden layer; `nil` for those of the source model.
    package var width: Int?
    /// The number of hidden layers; `nil` for that of the source model.
    package var depth: Int?
    /// The dropout rate after each hidden layer, or before the classifier of `conv-gap`, in [0, 1).
    package var dropout: Double
    /// The rank of `fc-rank`; `nil` in every other head.
    package var rank: Int?
    /// Whether the classifier's inputs are L2-normalized; for `gap`, `gap-cut` and `flatten`.
    package var l2Normalization: Bool

    /// A head; default: width and depth of the source model, dropout 0.5.
    package init(
      kind: Kind, width: Int? = nil, depth: Int? = nil, dropout: Double = 0.5, rank: Int? = nil,
      l2Normalization: Bool = false
    ) {
      self.kind = kind
      self.width = width
      self.depth = depth
      self.dropout = dropout
      self.rank = rank
      self.l2Normalization = l2Normalization
    }

    /// Decodes `kind` (default `fc`) and the keys of that kind.
    ///
    /// - Throws: `DecodingError` for a value of the wrong type, and for a missing `rank` of `fc-rank`.
    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init(kind: try values.decodeIfPresent(Kind.self, forKey: .kind) ?? .fc)
      if kind.canNormalizeFeatures {
        l2Normalization = try values.decodeIfPresent(Bool.self, forKey: .l2Normalization) ?? false
      }
      if kind.hasDropout { dropout = try values.decodeIfPresent(Double.self, forKey: .dropout) ?? dropout }
      guard kind.isFullyConnected else { return }
      width = try values.decodeIfPresent(Int.self, forKey: .width)
      depth = try values.decodeIfPresent(Int.self, forKey: .depth)
      if kind == .fcRank { rank = try values.decode(Int.self, forKey: .rank) }
    }

    /// Encodes `kind` and the keys of that kind.
    ///
    /// - Throws: what the encoder throws.
    package func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(kind, forKey: .kind)
      if l2Normalization { try values.encode(l2Normalization, forKey: .l2Normalization) }
      if kind.isFullyConnected {
        try values.encodeIfPresent(width, forKey: .width)
        try values.encodeIfPresent(depth, forKey: .depth)
      }
      if kind.hasDropout { try values.encode(dropout, forKey: .dropout) }
      if kind == .fcRank { try values.encodeIfPresent(rank, forKey: .rank) }
    }

    enum CodingKeys: String, CodingKey, OtherNames {
      case kind, width, depth, dropout, rank, l2Normalization

      static var otherNames: [String: String] { ["unitLength": "l2Normalization"] }
    }

    /// The head with unspecified width and depth set to those of a preset.
    func filled(from preset: Preset) -> Head {
      guard kind.isFullyConnected else { return self }
      let top = preset.top
      var head = self
      head.width = width ?? top.hidden.first?.width
      head.depth = depth ?? top.hidden.count
      return head
    }

    /// The first setting out of range; `nil` if all are valid.
    var problem: KeyProblem? {
      if let width, !(1...1 << 20).contains(width) {
        return KeyProblem("network.head.width", "is \(width); expected 1 to \(1 << 20)")
      }
      if let depth, !(0...8).contains(depth) { return KeyProblem("network.head.depth", "is \(depth); expected 0 to 8") }
      if !(dropout >= 0 && dropout < 1) {
        return KeyProblem("network.head.dropout", "is \(dropout); expected 0 or more and below 1")
      }
      if kind == .fcRank, !((rank ?? 0) >= 1) {
        return KeyProblem("network.head.rank", "is \(rank ?? 0); expected 1 or more")
      }
      if depth == 0, kind.isFullyConnected, kind != .fc {
        return KeyProblem("network.head.depth", "is 0; expected 1 or more for head \(kind.rawValue)")
      }
      if depth == 1, kind == .fcLinear {
        return KeyProblem("network.head.depth", "is 1; expected 2 or more for head fc-linear")
      }
      return nil
    }
  }
}
