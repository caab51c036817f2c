internal import Support

/// The levels of the containers of a pickle.
struct PickleDepth {
  private let nodes: [Pickle.Node]

  init(of nodes: [Pickle.Node]) { self.nodes = nodes }

  /// Throws where a container reached from a value contains itself or lies too deep; looks at each once.
  func requireTree(from root: Pickle.Value, path: String) throws(FileError) {
    guard case .node(let first) = root else { return }
    // 0: not seen; -1: its contents are being looked at; above: its own levels.
    var levels = [Int](repeating: 0, count: nodes.count)
    var stack: [(node: Int, contents: [Int], next: Int)] = [(first, contents(of: first), 0)]
    levels[first] = -1
    while let top = stack.last {
      if top.next == top.contents.count {
        levels[top.node] = 1 + (top.contents.map { levels[$0] }.max() ?? 0)
        guard levels[top.node] <= Pickle.depthLimit else { throw tooDeep(path) }
        stack.removeLast()
        continue
      }
      stack[stack.count - 1].next += 1
      let node = top.contents[top.next]
      guard levels[node] != -1 else {
        throw FileError(
          what: "a container of the pickle contains itself", path: path, expected: "plain data",
          action: "save its arrays alone")
      }
      if levels[node] == 0 {
        guard stack.count <= Pickle.depthLimit else { throw tooDeep(path) }
        levels[node] = -1
        stack.append((node, contents(of: node), 0))
      }
    }
  }

  private func tooDeep(_ path: String) -> FileError {
    FileError(
      what: "the containers of the pickle nest more than \(Pickle.depthLimit) levels", path: path,
      action: "save its arrays alone")
  }

  /// The containers in a container.
  private func contents(of node: Int) -> [Int] {
    func places(_ values: [Pickle.Value]) -> [Int] {
      values.compactMap { value -> Int? in
        guard case .node(let place) = value else { return nil }
        return place
      }
    }
    return switch nodes[node] {
    case .list(let items), .tuple(let items), .set(let items): places(items)
    case .dictionary(let pairs): places(pairs.map(\.key)) + places(pairs.map(\.value))
    case .array(let array): places(array.objects.map { [$0] } ?? [])
    case .elementType, .storage, .tensor, .placeholder: []
    }
  }
}
