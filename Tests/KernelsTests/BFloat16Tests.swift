import CKernels
import Kernels
import Tensors
import TestSupport
import Testing

/// Products in bfloat16 are products of rounded factors, with sums in float32.
@Suite(.enabled(if: Precision.bfloat16.isAvailable)) struct BFloat16Tests {
  /// The nearest number of 8 bits of mantissa, halves to even; by comparing distances, not as the kernels do it.
  static func rounded(_ x: Float) -> Float {
    let low = Float(bitPattern: x.bitPattern & 0xFFFF_0000)
    let high = Float(bitPattern: low.bitPattern + 0x1_0000)
    let (below, above) = (abs(Double(x) - Double(low)), abs(Double(high) - Double(x)))
    if below == above { return low.bitPattern >> 16 & 1 == 0 ? low : high }
    return below < above ? low : high
  }

  static func rounded(_ x: Tensor) -> Tensor { Tensor(x.values.map(rounded), shape: x.shape) }

  static func transposed(_ t: Tensor) -> Tensor {
    let (rows, columns) = (t.shape[0], t.shape[1])
    return Tensor((0..<columns).flatMap { j in (0..<rows).map { t[$0 * columns + j] } }, shape: [columns, rows])
  }

  /// Factors that a product of float32 sees otherwise: halves between two numbers of bfloat16 among them.
  static func factor(_ shape: [Int], _ stream: inout RandomStream) -> Tensor {
    var result = stream.normal(shape)
    for index in stride(from: 0, to: result.count, by: 3) {
      result[index] = Float(bitPattern: result[index].bitPattern & 0xFFFF_0000 | 0x8000)
    }
    return result
  }

  /// All three forms, also accumulated, with one tile, many tiles and partial tiles.
  @Test(arguments: [
    (1, 1, 1), (3, 5, 7), (65, 130, 33), (2, 300, 1), (40, 1, 200), (300, 70, 90), (33, 1_030, 1_700),
    (5, 9_000, 150), (4, 37, 40_000),
  ]) func products(m: Int, n: Int, k: Int) {
    var stream = RandomStream(seed: 31)
    let (a, b) = (Self.factor([m, k], &stream), Self.factor([k, n], &stream))
    let exact = Product.multiply(Self.rounded(a), Self.rounded(b))
    // Sums of k terms in float32, in two orders.
    let tolerance = 4e-7 * Double(k).squareRoot() * 8 + 1e-6
    let results = [
      Product.multiply(a, b, precision: .bfloat16),
      Product.multiply(Self.transposed(a), b, transposed: .first, precision: .bfloat16),
      Product.multiply(a, Self.transposed(b), transposed: .second, precision: .bfloat16),
    ]
    for result in results { #expect(result.distance(to: exact) < tolerance) }
    // Negative control: without rounding it is another product.
    #expect(Product.multiply(a, b).distance(to: exact) > 4 * tolerance)
    for (transposed, left, right) in [
      (Product.Transposed.neither, a, b), (.first, Self.transposed(a), b), (.second, a, Self.transposed(b)),
    ] {
      var twice = exact
      Product.multiply(left, right, transposed: transposed, precision: .bfloat16, into: &twice, accumulate: true)
      #expect(twice.distance(to: Elementwise.scale(exact, by: 2)) < 2 * tolerance)
    }
  }

  /// AMX and AVX-512 agree up to the rounding of sums, if both exist; the fused update equals the update by the product.
  @Test(arguments: [(1, 1, 1), (16, 64, 32), (50, 150, 100), (33, 65, 300)]) func instructions(m: Int, n: Int, k: Int) {
    var stream = RandomStream(seed: 34)
    let (a, b) = (Self.factor([k, m], &stream), Self.factor([k, n], &stream))
    let exact = Product.multiply(Self.rounded(a), Self.rounded(b), transposed: .first)
    func filled(_ count: Int, _ each: Int) -> Int { (count + each - 1) / each * each }
    let deep = filled(k, Int(kernel_bfloat16_depth))
    var left = [UInt16](repeating: 7, count: filled(m, 16) * deep)
    var right = [UInt16](repeating: 7, count: filled(n, Int(kernel_panel)) * deep)
    var scratch = [UInt16](repeating: 7, count: Int(kernel_bfloat16_scratch))
    var rule = kernel_rule(
      kind: Int32(kernel_rule_momentum),
      momentum: kernel_momentum(
        weight_decay: 0, momentum: 0.5, gradient_scale: 1, learning_rate: 0.25, caffe: 0, nesterov: 0),
      adamw: kernel_adamw())
    for instructions in [Int32(kernel_bfloat16_best), Int32(kernel_bfloat16_avx512)] {
      var product = [Float](repeating: .nan, count: m * n)
      var (w, v) = ([Float](repeating: 3, count: m * n), [Float](repeating: 2, count: m * n))
      kernel_bfloat16_rows(a.values, Int64(m), 1, Int64(m), Int64(k), &left)
      kernel_bfloat16_columns(b.values, Int64(n), 0, Int64(k), Int64(n), &right)
      kernel_bfloat16_product(
        left, Int64(k), b.values, Int64(n), 0, Int64(m), Int64(n), 0, &product, Int64(n), &scratch, instructions)
      kernel_bfloat16_update(left, right, Int64(k), Int64(m), Int64(n), &w, &v, nil, &rule, instructions)
      let updated = Tensor(exact.values.map { 3 - 0.25 * (0.5 * 2 + $0) }, shape: [m, n])
      #expect(Tensor(product, shape: [m, n]).distance(to: exact) < 1e-5)
      #expect(Tensor(w, shape: [m, n]).distance(to: updated) < 1e-5)
    }
  }

  /// Each term is off by at most 2⁻⁸ + 2⁻¹⁸ of itself, so the product lies within that share of |a|·|b|.
  @Test func errorBound() {
    var stream = RandomStream(seed: 32)
    let (a, b) = (stream.normal([40, 333]), stream.normal([333, 50]))
    let bound = Product.multiply(Tensor(a.values.map(abs), shape: a.shape), Tensor(b.values.map(abs), shape: b.shape))
    let (rounded, exact) = (Product.multiply(a, b, precision: .bfloat16), Product.multiply(a, b))
    var largest: Float = 0
    for index in 0..<rounded.count {
      largest = max(largest, abs(rounded[index] - exact[index]) / bound[index])
    }
    #expect(largest <= 0x1p-8 + 0x1p-16)
    #expect(largest > 0x1p-14)
  }

  /// What is not finite stays so; numbers near the largest round to infinity.
  @Test func notFinite() {
    let one = Tensor([1], shape: [1, 1])
    for value in [Float.nan, Float(bitPattern: 0x7F80_0001), Float(bitPattern: 0xFFFF_FFFF)] {
      #expect(Product.multiply(Tensor([value], shape: [1, 1]), one, precision: .bfloat16)[0].isNaN)
    }
    #expect(Product.multiply(Tensor([-.infinity], shape: [1, 1]), one, precision: .bfloat16)[0] == -.infinity)
    #expect(
      Product.multiply(Tensor([.greatestFiniteMagnitude], shape: [1, 1]), one, precision: .bfloat16)[0] == .infinity)
  }

  /// Convolutions, forward and backward, are those of rounded maps and kernels.
  @Test(arguments: [(1, 1, 16), (2, 1, 24), (1, 0, 3), (2, 3, 1)]) func convolutions(
    stride: Int, padding: Int, inputs: Int
  ) {
    var stream = RandomStream(seed: 33)
    let extents = Extents([Extent(height: 12, width: 9), Extent(height: 12, width: 9), Extent(height: 7, width: 20)])
    let kernel = Convolution(kernelHeight: 3, kernelWidth: 3, stride: stride, padding: Padding(padding))
    let outputs = kernel.output(of: extents)
    let x = Self.factor([extents.positionCount, inputs], &stream)
    let weight = Self.factor([3, 3, inputs, 20], &stream)
    let dy = Self.factor([outputs.positionCount, 20], &stream)
    func all(_ x: Tensor, _ weight: Tensor, _ dy: Tensor, _ precision: Precision) -> [Tensor] {
      [
        kernel.forward(x, extents, weight: weight, bias: Tensor(repeating: 0.3, shape: [20]), precision: precision),
        kernel.inputGradient(dy, extents, weight: weight, precision: precision),
        kernel.weightGradient(x, dy, extents, precision: precision),
      ]
    }
    let exact = all(Self.rounded(x), Self.rounded(weight), Self.rounded(dy), .float32)
    for (result, expected) in zip(all(x, weight, dy, .bfloat16), exact) {
      #expect(result.distance(to: expected) < 2e-4)
    }
    for (other, expected) in zip(all(x, weight, dy, .float32), exact) {
      #expect(other.distance(to: expected) > 2e-3)
    }
  }
}
