/// The drop of the selecting metric from the source domain to another one, or why it is undefined.
///
/// Both are measured on the same classes: those of the network that have samples in both.
package enum SourceDrop: Sendable, Equatable {
  /// The selecting metric on the source minus that on the domain, in percentage points.
  case points(Double)
  case none(reason: String)

  /// - Parameters:
  ///   - metric: the one that selects.
  ///   - source: the metrics on the source's own samples; nil where these are not there.
  package init(of metric: Metric, from source: [String: Double]?, to domain: [String: Double]) {
    if metric.unit != .share {
      self = .none(reason: "\(metric.name) is not a share")
    } else if let source {
      guard let before = source[metric.name], let after = domain[metric.name] else {
        self = .none(reason: "\(metric.name) is undefined on one of the two")
        return
      }
      self = .points(100 * (metric.goal == .highest ? before - after : after - before))
    } else {
      self = .none(reason: "the source's own test images are not available")
    }
  }
}

extension SourceDrop: Codable {
  private enum CodingKeys: String, CodingKey { case points, reason }

  /// Decodes points or a reason.
  /// - Throws: `DecodingError` for anything else.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let points = try container.decodeIfPresent(Double.self, forKey: .points) {
      self = .points(points)
    } else {
      self = .none(reason: try container.decode(String.self, forKey: .reason))
    }
  }

  /// Encodes `points`, or `reason` where there are none.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .points(let points): try container.encode(points, forKey: .points)
    case .none(let reason): try container.encode(reason, forKey: .reason)
    }
  }
}
