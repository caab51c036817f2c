internal import Networks

extension NetworkModel {
  /// The networks that have a name.
  public enum Preset: String, Sendable, CaseIterable {
    /// 3×3 convolutions 16-16-pool-32-32-pool with batch normalization, for small images.
    case smallVGG = "small-vgg"
    /// 8 convolutions (Simonyan and Zisserman 2014, configuration A).
    case vgg11
    /// 10 convolutions (Simonyan and Zisserman 2014, configuration B).
    case vgg13
    /// 13 convolutions (Simonyan and Zisserman 2014, configuration D).
    case vgg16
    /// 16 convolutions (Simonyan and Zisserman 2014, configuration E).
    case vgg19
    /// Two 5×5 convolutions (LeCun et al. 1998, as in Caffe's example).
    case lenet
    /// Five convolutions, then fully connected layers (Krizhevsky 2014, as in torchvision).
    case alexnet
    /// AlexNet with two groups and local response normalization after pooling (Krizhevsky et al. 2012, as in Caffe).
    case caffenet
    /// Nine inception modules with batch normalization (Szegedy et al. 2015, as in torchvision, without auxiliary heads).
    case googlenet
    /// Fire modules (Iandola et al. 2016), first release.
    case squeezenet10 = "squeezenet1.0"
    /// Fire modules (Iandola et al. 2016), second release.
    case squeezenet11 = "squeezenet1.1"
    /// Residual blocks of two 3×3 convolutions, 18 layers (He et al. 2016, as in torchvision).
    case resnet18
    /// Residual blocks of two 3×3 convolutions, 34 layers (He et al. 2016, as in torchvision).
    case resnet34
    /// Residual blocks of 1×1, 3×3 and 1×1 convolutions, 50 layers (He et al. 2016, as in torchvision).
    case resnet50
    /// Residual blocks of 1×1, 3×3 and 1×1 convolutions, 101 layers (He et al. 2016, as in torchvision).
    case resnet101
    /// Depthwise and 1×1 convolutions in turn (Howard et al. 2017, full width, as in Keras).
    case mobilenetV1 = "mobilenet-v1"

    var value: NetworkDescription.Preset {
      guard let value = NetworkDescription.Preset(rawValue: rawValue) else {
        preconditionFailure("NetworkModel.Preset: \(rawValue) is not a preset of Networks")
      }
      return value
    }
  }

  /// What stands on a backbone.
  public struct Head: Sendable, Equatable {
    var value: NetworkDescription.Head

    init(_ value: NetworkDescription.Head) { self.value = value }

    /// Fully connected layers on a grid that regions are pooled to (ROIPool, Girshick 2015), and a classifier.
    ///
    /// - Parameters:
    ///   - width: outputs of each hidden layer; nil takes the preset's.
    ///   - depth: hidden layers; nil takes the preset's.
    ///   - dropout: the share of a hidden layer's activations that is dropped in training, 0 or more and below 1.
    public static func fullyConnected(width: Int? = nil, depth: Int? = nil, dropout: Double = 0.5) -> Head {
      Head(.init(kind: .fc, width: width, depth: depth, dropout: dropout))
    }

    /// Global average pooling and a classifier (Lin et al. 2013).
    public static let globalAveragePooling = Head(.init(kind: .gap))

    /// A head by the name of its kind, such as `fc-rank`; `docs/networks.md` lists them.
    ///
    /// - Parameters:
    ///   - kind: such as `gap-mlp`.
    ///   - width: outputs of each hidden layer; nil takes the preset's.
    ///   - depth: hidden layers; nil takes the preset's.
    ///   - dropout: the share of a hidden layer's activations that is dropped in training, 0 or more and below 1.
    ///   - rank: of each hidden layer's weights, for `fc-rank` alone.
    /// - Throws: ``BulkheadError`` of the kind `invalid` where there is no such kind.
    public static func named(
      _ kind: String, width: Int? = nil, depth: Int? = nil, dropout: Double = 0.5, rank: Int? = nil
    ) throws(BulkheadError) -> Head {
      guard let known = NetworkDescription.Head.Kind(rawValue: kind) else {
        let kinds = NetworkDescription.Head.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw BulkheadError(.invalid, "head: there is no kind \(kind); expected one of \(kinds)")
      }
      return Head(.init(kind: known, width: width, depth: depth, dropout: dropout, rank: rank))
    }

    /// The name of its kind, such as `fc` or `gap`.
    public var kind: String { value.kind.rawValue }
  }
}
