import CKernels
package import Tensors

/// One step of stochastic gradient descent with momentum on one parameter.
///
/// With g' = g + decay·w:
/// - torch: v = momentum·v + (1 − dampening)·g' (at the first step v = g'), w −= rate·v; Nesterov: w −= rate·(g' + momentum·v).
/// - Caffe: v' = momentum·v + rate·g', w −= v'; Nesterov: w −= (1 + momentum)·v' − momentum·v.
package struct MomentumUpdate: Sendable, Equatable {
  package var rate: Float
  package var decay: Float
  package var momentum: Float
  /// 1 − dampening; torch's convention alone.
  package var damping: Float
  package var isCaffe: Bool
  package var isNesterov: Bool

  package init(rate: Float, decay: Float, momentum: Float, damping: Float, isCaffe: Bool, isNesterov: Bool) {
    self.rate = rate
    self.decay = decay
    self.momentum = momentum
    self.damping = damping
    self.isCaffe = isCaffe
    self.isNesterov = isNesterov
  }

  /// Changes the parameter and its velocity in place.
  package func apply(_ gradient: Gradient, to parameter: inout Tensor, velocity: inout Tensor) {
    switch gradient {
    case .whole(let gradient): apply(gradient, to: &parameter, velocity: &velocity)
    case .product(let input, let outputGradient, let precision):
      let (samples, inputs, outputs) = (input.shape[0], input.shape[1], outputGradient.shape[1])
      precondition(
        parameter.shape == [inputs, outputs] && velocity.shape == parameter.shape && outputGradient.shape[0] == samples,
        "MomentumUpdate: \(input.shape)ᵀ·\(outputGradient.shape), velocity \(velocity.shape) for parameter "
          + "\(parameter.shape)")
      parameter.withUnsafeMutablePointer { w in
        velocity.withUnsafeMutablePointer { v in
          switch precision {
          case .float32: apply(productOf: input, outputGradient, to: w, velocity: v)
          case .bfloat16: BFloat16Product.update(input, outputGradient, by: rule, to: w, velocity: v)
          }
        }
      }
    }
  }

  private var rule: kernel_momentum {
    kernel_momentum(
      decay: decay, momentum: momentum, damping: damping, rate: rate, caffe: isCaffe ? 1 : 0,
      nesterov: isNesterov ? 1 : 0)
  }

  /// The gradient inputᵀ·outputGradient is made block by block in registers and used there; it is never stored.
  private func apply(
    productOf input: Tensor, _ outputGradient: Tensor, to w: UnsafeMutablePointer<Float>,
    velocity v: UnsafeMutablePointer<Float>
  ) {
    let (samples, inputs, outputs) = (input.shape[0], input.shape[1], outputGradient.shape[1])
    let (panel, strip) = (Int(kernel_panel), Int(kernel_strip))
    let panelCount = (outputs + panel - 1) / panel
    var panels = Tensor(uninitialized: [panelCount, samples, panel])
    outputGradient.withUnsafePointer { d in
      panels.withUnsafeMutablePointer { panels in
        ThreadPool.shared.parallel(panelCount) { index in
          let column = index * panel
          kernel_pack_panels(
            d + column, Int64(outputs), Int64(samples), Int64(min(panel, outputs - column)),
            panels + column * samples)
        }
      }
    }
    // More rows use a panel more often while it is in the first cache; with few samples what counts is that little memory
    // is written to at once. Narrow layers have more rows, so that a tile is worth the trouble.
    let rows = max(min(max(samples * 3 / 8, 12), 48), (1 << 15) / outputs) / strip * strip
    input.withUnsafePointer { x in
      panels.withUnsafePointer { panels in
        Tiling.ranges(of: inputs, each: rows) { range in
          let first = range.lowerBound * outputs
          let capacity = (range.count + strip - 1) / strip * strip * samples
          withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { strips in
            guard let strips = strips.baseAddress else { return }
            kernel_pack_strips(
              x + range.lowerBound, Int64(inputs), 1, Int64(samples), Int64(range.count), strips)
            withUnsafePointer(to: rule) {
              kernel_outer_update(
                strips, panels, Int64(samples), Int64(range.count), Int64(outputs), w + first, v + first, $0)
            }
          }
        }
      }
    }
  }

  /// The same with a gradient that is there as a tensor.
  private func apply(_ gradient: Tensor, to parameter: inout Tensor, velocity: inout Tensor) {
    let count = parameter.count
    precondition(
      gradient.count == count && velocity.count == count,
      "MomentumUpdate: gradient \(gradient.shape), velocity \(velocity.shape) for parameter \(parameter.shape)")
    gradient.withUnsafePointer { g in
      parameter.withUnsafeMutablePointer { w in
        velocity.withUnsafeMutablePointer { v in
          Tiling.ranges(of: count) { range in
            let first = range.lowerBound
            withUnsafePointer(to: rule) {
              kernel_momentum_update(w + first, v + first, g + first, Int64(range.count), $0)
            }
          }
        }
      }
    }
  }
}
