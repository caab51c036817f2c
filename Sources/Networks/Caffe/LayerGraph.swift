import Layers

/// A graph of layers with one input, on its way into a chain of layers with branches.
struct LayerGraph {
  /// What a node makes of its inputs.
  enum Operation {
    /// Layers one after another; none for a node that changes nothing.
    case chain([LayerDescription])
    /// The sum of two inputs.
    case sum(String)
    /// The concatenation of all inputs.
    case concatenation(String)
  }

  private struct Node {
    let operation: Operation
    /// The nodes from the input to this one; those between where branches part and where they join are in the joining one.
    let chain: [Int]
    /// Of a joining node, the nodes of each branch.
    let branches: [[Int]]
  }

  private var nodes: [Node] = []

  /// Adds a node and returns its number; an input of nil is that of the graph.
  mutating func add(_ operation: Operation, inputs: [Int?]) -> Int {
    let chains = inputs.map { $0.map { nodes[$0].chain } ?? [] }
    if case .chain = operation {
      nodes.append(Node(operation: operation, chain: (chains.first ?? []) + [nodes.count], branches: []))
    } else {
      var shared = 0
      let shortest = chains.map(\.count).min() ?? 0
      while shared < shortest, chains.allSatisfy({ $0[shared] == chains[0][shared] }) { shared += 1 }
      nodes.append(
        Node(
          operation: operation, chain: Array((chains.first ?? []).prefix(shared)) + [nodes.count],
          branches: chains.map { Array($0.dropFirst(shared)) }))
    }
    return nodes.count - 1
  }

  /// The layers from the input to a node; nil where a layer would be in two branches, or in over 32 of one another.
  func layers(to node: Int) -> [LayerDescription]? {
    var seen: Set<Int> = []
    return layers(nodes[node].chain, &seen, depth: 0)
  }

  private func layers(_ chain: [Int], _ seen: inout Set<Int>, depth: Int) -> [LayerDescription]? {
    guard depth <= 32 else { return nil }
    var result: [LayerDescription] = []
    for node in chain {
      guard seen.insert(node).inserted else { return nil }
      if case .chain(let layers) = nodes[node].operation {
        result += layers
        continue
      }
      var branches: [[LayerDescription]] = []
      for branch in nodes[node].branches {
        guard let found = layers(branch, &seen, depth: depth + 1) else { return nil }
        branches.append(found)
      }
      switch nodes[node].operation {
      case .chain: break
      case .concatenation(let name): result.append(LayerDescription(name, ConcatenationLayer(branches: branches)))
      case .sum(let name):
        guard branches.count == 2 else { return nil }
        // The shortcut is the empty or the shorter branch.
        let isFirst = branches[0].count < branches[1].count
        let (main, shortcut) = isFirst ? (branches[1], branches[0]) : (branches[0], branches[1])
        result.append(LayerDescription(name, ResidualLayer(layers: main, shortcut: shortcut)))
      }
    }
    return result
  }
}
