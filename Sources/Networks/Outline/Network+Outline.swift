internal import Layers

extension Network {
  /// Its layers by their paths, and what lies between them.
  package var outline: NetworkOutline {
    var outline = NetworkOutline()
    func add(_ range: Range<Int>, after start: Int) -> Int {
      outline.add(layers[range].map(\.description), under: "", after: start)
    }
    let trunk = add(trunk, after: NetworkOutline.images)
    for output in outputs where output.range != self.trunk { _ = add(output.range, after: trunk) }
    outline.preparation = preparation
    return outline
  }
}

extension NetworkOutline {
  /// Adds a chain of layers; returns the number of its last step.
  fileprivate mutating func add(_ layers: [LayerDescription], under path: String, after start: Int) -> Int {
    var last = start
    for description in layers {
      let name = path + description.name
      let operation = description.layer.operation.map { Operation($0, of: name) }
      if !description.layer.chains.isEmpty {
        let start = last
        var ends: [Int] = []
        for chain in description.layer.chains { ends.append(add(chain, under: name + ".", after: start)) }
        last = add(operation ?? .other, after: ends)
      } else if let operation {
        last = add(operation, after: [last])
      }
    }
    return last
  }
}
