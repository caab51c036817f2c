/// How the classes of a data set correspond to those of a network: by name, by position, or not at all.
package enum ClassCorrespondence: Sendable, Equatable {
  /// Every class of the data set is one of the network's; `outputs[label]` is its place among the outputs.
  case byName(outputs: [Int])
  /// As many classes, but other names: labels are compared by position, which means little without fine-tuning.
  case byPosition

  /// - Returns: nil where labels of the data set have no place among the network's outputs.
  package init?(of dataClasses: [String], to networkClasses: [String]) {
    let outputs = dataClasses.compactMap { networkClasses.firstIndex(of: $0) }
    if outputs.count == dataClasses.count, Set(outputs).count == outputs.count {
      self = .byName(outputs: outputs)
    } else if dataClasses.count == networkClasses.count {
      self = .byPosition
    } else {
      return nil
    }
  }

  /// The network's output for a label of the data set.
  package func output(for label: Int) -> Int {
    switch self {
    case .byName(let outputs): outputs[label]
    case .byPosition: label
    }
  }
}
