package import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The learning rate as a function of the step, after an optional linear warmup.
///
/// `unit` is the unit of all lengths. The time t below counts from the end of the warmup. At step s of a warmup over w steps
/// the learning rate is base·(s + 1)/w.
package struct Schedule: Sendable, Equatable {
  /// The formula of the learning rate after the warmup.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// base
    case constant
    /// base·factor^⌊t / every⌋ (Caffe and torch "step")
    case step
    /// base·factor^(number of milestones reached)
    case multistep
    /// base·factor^t (Caffe "exp", torch ExponentialLR)
    case exponential
    /// base·(1 − t/length)^power (Caffe "poly")
    case polynomial
    /// minimum + (base − minimum)·(1 + cos(π·t/length))/2 (Loshchilov, Hutter 2017)
    case cosine
  }

  /// The unit of lengths.
  package enum Unit: String, Codable, Sendable, CaseIterable { case epoch, step }

  /// The formula after the warmup.
  package var kind: Kind = .constant
  /// The unit of `warmup`, `every`, `milestones`, `length` and of t in `exponential`.
  package var unit: Unit = .epoch
  /// The length of the warmup; 0 for none.
  package var warmup: Double = 0
  /// The length of a stage of `step`.
  package var every: Double = 10
  /// The factor of `step`, `multistep` and `exponential`.
  package var factor: Double = 0.1
  /// The times at which `multistep` multiplies by the factor.
  package var milestones: [Double] = []
  /// The exponent of `polynomial`.
  package var power: Double = 1
  /// The final learning rate of `cosine`.
  package var minimum: Double = 0
  /// The length of `polynomial` and `cosine`, warmup included; `nil` for the whole training.
  package var length: Double?

  /// A schedule with the default settings of its kind.
  package init(kind: Kind = .constant) { self.kind = kind }

  /// The learning rate at a step, counted from 0.
  package func learningRate(base: Double, step: Int, stepsPerEpoch: Int, totalSteps: Int) -> Double {
    let scale = unit == .epoch ? Double(stepsPerEpoch) : 1
    let warmup = warmup * scale
    guard Double(step) >= warmup else { return base * min(1, (Double(step) + 1) / warmup) }
    let time = Double(step) - warmup
    let length = max((length.map { $0 * scale } ?? Double(totalSteps)) - warmup, 1)
    let progress = min(time / length, 1)
    switch kind {
    case .constant: return base
    case .step: return base * pow(factor, (time / (every * scale)).rounded(.down))
    case .multistep: return base * pow(factor, Double(milestones.count { time >= $0 * scale }))
    case .exponential: return base * pow(factor, time / scale)
    case .polynomial: return base * pow(1 - progress, power)
    case .cosine: return minimum + (base - minimum) * (1 + cos(.pi * progress)) / 2
    }
  }

  /// The first setting out of range; `nil` if all are valid.
  package var problem: KeyProblem? {
    if !(minimum >= 0 && minimum.isFinite) {
      return KeyProblem("schedule.minimum", "is \(minimum); expected 0 or more")
    }
    if !(power >= 0 && power.isFinite) { return KeyProblem("schedule.power", "is \(power); expected 0 or more") }
    if milestones.contains(where: { !($0 >= 0) }) {
      return KeyProblem("schedule.milestones", "has a number below 0; expected 0 or more")
    }
    if !(warmup >= 0 && warmup.isFinite) { return KeyProblem("schedule.warmup", "is \(warmup); expected 0 or more") }
    if !(every > 0 && every.isFinite) { return KeyProblem("schedule.every", "is \(every); expected more than 0") }
    if let length, !(length > 0 && length.isFinite) {
      return KeyProblem("schedule.length", "is \(length); expected more than 0")
    }
    if kind == .multistep && milestones.isEmpty {
      return KeyProblem("schedule.milestones", "is empty; multistep needs at least one")
    }
    if !(factor >= 0 && factor.isFinite) { return KeyProblem("schedule.factor", "is \(factor); expected 0 or more") }
    return nil
  }
}

extension Schedule: Codable {
  enum CodingKeys: String, CodingKey {
    case kind, unit, warmup, every, factor, milestones, power, minimum, length
  }

  /// Decodes `kind`, `unit`, `warmup` and the keys of the kind's formula.
  ///
  /// - Throws: `DecodingError` for a value of the wrong type.
  package init(from decoder: any Decoder) throws {
    self.init()
    let values = try decoder.container(keyedBy: CodingKeys.self)
    kind = try values.decodeIfPresent(Kind.self, forKey: .kind) ?? kind
    unit = try values.decodeIfPresent(Unit.self, forKey: .unit) ?? unit
    warmup = try values.decodeIfPresent(Double.self, forKey: .warmup) ?? warmup
    try refuseKeysOfOtherKinds(values)
    if kind.uses(.every) { every = try values.decodeIfPresent(Double.self, forKey: .every) ?? every }
    if kind.uses(.factor) { factor = try values.decodeIfPresent(Double.self, forKey: .factor) ?? factor }
    if kind.uses(.milestones) {
      milestones = try values.decodeIfPresent([Double].self, forKey: .milestones) ?? milestones
    }
    if kind.uses(.power) { power = try values.decodeIfPresent(Double.self, forKey: .power) ?? power }
    if kind.uses(.minimum) { minimum = try values.decodeIfPresent(Double.self, forKey: .minimum) ?? minimum }
    if kind.uses(.length) { length = try values.decodeIfPresent(Double.self, forKey: .length) }
  }

  private func refuseKeysOfOtherKinds(_ values: KeyedDecodingContainer<CodingKeys>) throws {
    for key in values.allKeys where !kind.uses(key) {
      let owners = Kind.allCases.filter { $0.uses(key) }.map(\.rawValue)
      // What every kind has is in no formula; a null stands where the difference between two is written.
      guard !owners.isEmpty, try !values.decodeNil(forKey: key) else { continue }
      throw DecodingError.dataCorruptedError(
        forKey: key, in: values,
        debugDescription: "belongs to kind \(owners.joined(separator: ", ")), and the kind is \(kind.rawValue)")
    }
  }

  /// Encodes `kind`, `unit`, `warmup` and the keys of the kind's formula.
  ///
  /// - Throws: `EncodingError` for a number that is not finite.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kind, forKey: .kind)
    try values.encode(unit, forKey: .unit)
    try values.encode(warmup, forKey: .warmup)
    if kind.uses(.every) { try values.encode(every, forKey: .every) }
    if kind.uses(.factor) { try values.encode(factor, forKey: .factor) }
    if kind.uses(.milestones) { try values.encode(milestones, forKey: .milestones) }
    if kind.uses(.power) { try values.encode(power, forKey: .power) }
    if kind.uses(.minimum) { try values.encode(minimum, forKey: .minimum) }
    if kind.uses(.length) { try values.encodeIfPresent(length, forKey: .length) }
  }
}

extension Schedule.Kind {
  /// Whether the kind's formula uses a key.
  fileprivate func uses(_ key: Schedule.CodingKeys) -> Bool {
    switch self {
    case .constant: false
    case .step: key == .every || key == .factor
    case .multistep: key == .milestones || key == .factor
    case .exponential: key == .factor
    case .polynomial: key == .power || key == .length
    case .cosine: key == .minimum || key == .length
    }
  }
}
