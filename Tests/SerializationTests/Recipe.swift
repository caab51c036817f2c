import Serialization

enum Flavour: String, Codable, CaseIterable { case torch, caffe }

struct Group: Codable, Equatable {
  var match: String
  var rate: Float

  init(match: String, rate: Float) { (self.match, self.rate) = (match, rate) }
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    match = try container.decode(String.self, forKey: .match)
    rate = try container.decode(.rate, or: 1)
    try container.require(rate >= 0, .rate, "expected a rate from 0")
  }
}

/// A type with every kind of value, for the tests of YAML.
struct Recipe: Codable, Equatable {
  var rate: Float
  var flavour: Flavour
  var clip: Double?
  var sizes: [Int]
  var groups: [Group]

  init(rate: Float, flavour: Flavour = .torch, clip: Double? = nil, sizes: [Int] = [], groups: [Group] = []) {
    (self.rate, self.flavour, self.clip, self.sizes, self.groups) = (rate, flavour, clip, sizes, groups)
  }
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    rate = try container.decode(Float.self, forKey: .rate)
    flavour = try container.decode(.flavour, or: .torch)
    clip = try container.decodeIfPresent(Double.self, forKey: .clip)
    sizes = try container.decode(.sizes, or: [])
    groups = try container.decode(.groups, or: [])
  }
}
