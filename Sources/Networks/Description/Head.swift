extension NetworkDescription {
  /// What stands on the backbone.
  package struct Head: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
      /// ROIPool to the source model's grid (7×7), `depth` fully connected layers of `width`, classifier.
      case fc
      /// Global average pooling, classifier; its source model has the same head.
      case gap
      /// The same on the backbone of an `fc` model.
      case gapCut = "gap-cut"
      /// As `fc`, its hidden layers new.
      case fcRandom = "fc-random"
      /// As `fc`, the first layer's input rows in another order, drawn by the run's seed.
      case fcPermuted = "fc-permuted"
      /// As `fc` without the activations between its hidden layers, so that they are one linear map; the last keeps its.
      case fcLinear = "fc-linear"
      /// ROIPool to the grid, classifier: the layout without hidden layers.
      case flatten
      /// Global average pooling and hidden layers with about as many parameters as `fc` of that width and depth.
      case gapMLP = "gap-mlp"
      /// As `fc`, each hidden layer cut to `rank`: two layers, `fc6_down` without bias and `fc6_up`.
      case fcRank = "fc-rank"
      /// As `fc` in convolutions, the first as large as the grid, the others 1×1; the score map is averaged.
      case fcConvolution = "fc-conv"
      /// Average and max pooling, each L2-normalized, concatenated; classifier.
      case dan
      /// No head: the network ends in feature maps.
      case none

      /// Whether it has, or is measured by, fully connected layers of a width and a depth.
      package var isFullyConnected: Bool {
        switch self {
        case .fc, .fcRandom, .fcPermuted, .fcLinear, .gapMLP, .fcRank, .fcConvolution: true
        case .gap, .gapCut, .flatten, .dan, .none: false
        }
      }

      /// Whether its classifier stands on pooled maps alone; `dan` L2-normalizes them anyway.
      var canNormalizeFeatures: Bool {
        switch self {
        case .gap, .gapCut, .flatten: true
        default: false
        }
      }

      /// The head of the source model that it takes its weights from; itself where it has a source model of its own.
      package var source: Kind {
        switch self {
        case .fc, .gap, .fcLinear, .dan, .none: self
        case .gapCut, .fcRandom, .fcPermuted, .flatten, .gapMLP, .fcRank, .fcConvolution: .fc
        }
      }
    }

    package var kind: Kind
    /// Outputs of each hidden layer; `nil` are the source model's.
    package var width: Int?
    /// Hidden layers; `nil` are as many as the source model has.
    package var depth: Int?
    package var dropout: Double
    /// The rank of `fc-rank`; `nil` in every other head.
    package var rank: Int?
    /// Whether the classifier's inputs are L2-normalized, in heads where it stands on pooled maps.
    package var l2Normalization: Bool

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

    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init(kind: try values.decodeIfPresent(Kind.self, forKey: .kind) ?? .fc)
      if kind.canNormalizeFeatures {
        l2Normalization = try values.decodeIfPresent(Bool.self, forKey: .l2Normalization) ?? false
      }
      guard kind.isFullyConnected else { return }
      width = try values.decodeIfPresent(Int.self, forKey: .width)
      depth = try values.decodeIfPresent(Int.self, forKey: .depth)
      dropout = try values.decodeIfPresent(Double.self, forKey: .dropout) ?? dropout
      if kind == .fcRank { rank = try values.decode(Int.self, forKey: .rank) }
    }

    package func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(kind, forKey: .kind)
      if l2Normalization { try values.encode(l2Normalization, forKey: .l2Normalization) }
      guard kind.isFullyConnected else { return }
      try values.encodeIfPresent(width, forKey: .width)
      try values.encodeIfPresent(depth, forKey: .depth)
      try values.encode(dropout, forKey: .dropout)
      if kind == .fcRank { try values.encodeIfPresent(rank, forKey: .rank) }
    }

    enum CodingKeys: String, CodingKey { case kind, width, depth, dropout, rank, l2Normalization }

    /// The same with the width and depth of a preset where it names none.
    func filled(from preset: Preset) -> Head {
      guard kind.isFullyConnected else { return self }
      let top = preset.top
      var head = self
      head.width = width ?? top.hidden.first?.width
      head.depth = depth ?? top.hidden.count
      return head
    }

    /// What is wrong with the numbers, or `nil`.
    var problem: String? {
      if let width, !(1...1 << 20).contains(width) {
        return "network.head.width is \(width); expected 1 to \(1 << 20)"
      }
      if let depth, !(0...8).contains(depth) { return "network.head.depth is \(depth); expected 0 to 8" }
      if !(dropout >= 0 && dropout < 1) {
        return "network.head.dropout is \(dropout); expected 0 or more and below 1"
      }
      if kind == .fcRank, !((rank ?? 0) >= 1) { return "network.head.rank is \(rank ?? 0); expected 1 or more" }
      if depth == 0, kind.isFullyConnected, kind != .fc {
        return "network.head.depth is 0; a head \(kind.rawValue) has 1 hidden layer or more"
      }
      if depth == 1, kind == .fcLinear {
        return "network.head.depth is 1; a head fc-linear has 2 hidden layers or more, with no activation between them"
      }
      return nil
    }
  }
}
