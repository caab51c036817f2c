import CKernels
import Tensors

/// One step of an update rule on one parameter and its state, in place and tile by tile.
///
/// A gradient that is a product is computed block by block in registers and used there; it is never stored whole.
struct FusedUpdate {
  let rule: kernel_rule

  /// SGD with momentum; its state is the velocity.
  init(_ momentum: kernel_momentum) {
    rule = kernel_rule(kind: Int32(kernel_rule_momentum), momentum: momentum, adamw: kernel_adamw())
  }

  /// AdamW; its state is the first and the second moment.
  init(_ adamw: kernel_adamw) {
    rule = kernel_rule(kind: Int32(kernel_rule_adamw), momentum: kernel_momentum(), adamw: adamw)
  }

  /// Updates a parameter with one state tensor.
  func apply(_ gradient: Gradient, to parameter: inout Tensor, _ first: inout Tensor) {
    requireFit(gradient, parameter, [first])
    parameter.withUnsafeMutablePointer { w in
      first.withUnsafeMutablePointer { first in apply(gradient, to: Place(w: w, first: first, second: nil)) }
    }
  }

  /// Updates a parameter with two state tensors.
  func apply(_ gradient: Gradient, to parameter: inout Tensor, _ first: inout Tensor, _ second: inout Tensor) {
    requireFit(gradient, parameter, [first, second])
    parameter.withUnsafeMutablePointer { w in
      first.withUnsafeMutablePointer { first in
        second.withUnsafeMutablePointer { second in apply(gradient, to: Place(w: w, first: first, second: second)) }
      }
    }
  }

  /// Pointers to one element of a parameter and to the same element of its state.
  struct Place {
    let w: UnsafeMutablePointer<Float>
    let first: UnsafeMutablePointer<Float>
    let second: UnsafeMutablePointer<Float>?

    static func + (place: Place, offset: Int) -> Place {
      Place(w: place.w + offset, first: place.first + offset, second: place.second.map { $0 + offset })
    }
  }

  private func requireFit(_ gradient: Gradient, _ parameter: Tensor, _ state: [Tensor]) {
    let isFitting =
      switch gradient {
      case .whole(let tensor): tensor.count == parameter.count
      case .product(let input, let outputGradient, _):
        parameter.shape == [input.shape[1], outputGradient.shape[1]] && input.shape[0] == outputGradient.shape[0]
      }
    precondition(
      isFitting && state.allSatisfy { $0.shape == parameter.shape },
      "FusedUpdate: \(gradient.shapes), state \(state.map(\.shape)) for parameter \(parameter.shape)")
  }

  private func apply(_ gradient: Gradient, to place: Place) {
    switch gradient {
    case .whole(let gradient): apply(gradient, to: place)
    case .product(let input, let outputGradient, .float32): apply(productOf: input, outputGradient, to: place)
    case .product(let input, let outputGradient, .bfloat16):
      BFloat16Product.update(input, outputGradient, by: rule, to: place)
    }
  }

  private func apply(_ gradient: Tensor, to place: Place) {
    gradient.withUnsafePointer { g in
      Tiling.ranges(of: gradient.count) { range in
        let tile = place + range.lowerBound
        withUnsafePointer(to: rule) {
          kernel_update(tile.w, tile.first, tile.second, g + range.lowerBound, Int64(range.count), $0)
        }
      }
    }
  }

  private func apply(productOf input: Tensor, _ outputGradient: Tensor, to place: Place) {
    let (samples, inputs, outputs) = (input.shape[0], input.shape[1], outputGradient.shape[1])
    let (panel, strip) = (Int(kernel_panel), Int(kernel_strip))
    let panelCount = (outputs + panel - 1) / panel
    var panels = Tensor(uninitialized: [panelCount, samples, panel])
    outputGradient.withUnsafePointer { d in
      panels.withUnsafeMutablePointer { panels in
        ThreadPool.current.parallel(panelCount) { index in
          let column = index * panel
          kernel_pack_panels(
            d + column, Int64(outputs), Int64(samples), Int64(min(panel, outputs - column)),
            panels + column * samples)
        }
      }
    }
    // More rows reuse a panel more often while it is in the L1 cache; with few samples it matters more that a tile writes
    // little memory. Narrow layers get more rows, to have enough work per tile.
    let rows = max(min(max(samples * 3 / 8, 12), 48), (1 << 15) / outputs) / strip * strip
    input.withUnsafePointer { x in
      panels.withUnsafePointer { panels in
        Tiling.ranges(of: inputs, each: rows) { range in
          let tile = place + range.lowerBound * outputs
          let capacity = (range.count + strip - 1) / strip * strip * samples
          withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { strips in
            guard let strips = strips.baseAddress else { return }
            kernel_pack_strips(
              x + range.lowerBound, Int64(inputs), 1, Int64(samples), Int64(range.count), strips)
            withUnsafePointer(to: rule) {
              kernel_outer_update(
                strips, panels, Int64(samples), Int64(range.count), Int64(outputs), tile.w, tile.first, tile.second, $0)
            }
          }
        }
      }
    }
  }
}
