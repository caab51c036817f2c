package import Autodiff
package import Kernels
package import Layers

/// The forward pass, as a whole or from the trunk on.
extension Network {
  /// Records the forward pass on a tape; an output has one row per region after an ROIPool, else one per image.
  ///
  /// - Parameter tap: called with the output of each layer; disables fused ReLUs.
  package func forward(
    _ images: FeatureMaps, regions: [Region], on tape: Tape, tap: ((Layer, Activation) -> Void)? = nil
  ) -> NetworkOutputs {
    outputs(from: trunkOutput(of: images, regions: regions, on: tape, tap: tap), regions: regions, on: tape, tap: tap)
  }

  /// Records the layers that all outputs share.
  ///
  /// - Parameter regions: for a trunk that pools regions.
  package func trunkOutput(
    of images: FeatureMaps, regions: [Region] = [], on tape: Tape, tap: ((Layer, Activation) -> Void)? = nil
  ) -> Activation {
    run(trunk, .maps(images), ForwardContext(tape: tape, regions: regions), tap)
  }

  /// Records outputs on top of what `trunkOutput` gave.
  ///
  /// - Parameter names: the outputs; `nil` is all. One that begins inside another needs that one too.
  package func outputs(
    _ names: Set<String>? = nil, from end: Activation, regions: [Region], on tape: Tape,
    tap: ((Layer, Activation) -> Void)? = nil
  ) -> NetworkOutputs {
    let context = ForwardContext(tape: tape, regions: regions)
    let wanted = outputs.filter { names?.contains($0.name) ?? true }
    let starts = Set(wanted.compactMap(\.start)).sorted()
    var inner: [Int: Activation] = [:]
    return NetworkOutputs(
      wanted.map { output in
        guard var activation = output.start.map({ inner[$0] }) ?? end else {
          preconditionFailure("Network: the output \(output.name) without the one that it begins in")
        }
        var first = output.range.lowerBound
        for start in starts where output.range.contains(start) {
          activation = run(first..<start + 1, activation, context, tap)
          inner[start] = activation
          first = start + 1
        }
        return (output.name, run(first..<output.range.upperBound, activation, context, tap))
      })
  }

  private func run(
    _ range: Range<Int>, _ input: Activation, _ context: ForwardContext, _ tap: ((Layer, Activation) -> Void)?
  ) -> Activation {
    layers[range].map(\.description).forward(
      input, context, tap: tap.map { tap in { tap(layers[range.lowerBound + $0], $1) } })
  }
}
