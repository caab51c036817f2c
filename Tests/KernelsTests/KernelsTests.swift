import Foundation
import Kernels
import Synchronization
import Tensors
import TestSupport
import Testing

/// What holds of the kernels whatever the values.
@Suite struct KernelsTests {
  static func withThreads<Result>(_ threads: Int, _ body: () -> Result) -> Result {
    ThreadPool(threads: threads).use(body)
  }

  @Test(arguments: [1, 2, 5]) func everyTileRunsOnce(threads: Int) {
    Self.withThreads(threads) {
      for tiles in [0, 1, 2, 3, 7, 100, 1_000] {
        let counts = (0..<tiles).map { _ in Counter() }
        ThreadPool.current.parallel(tiles) { counts[$0].increment() }
        #expect(counts.allSatisfy { $0.value == 1 })
      }
    }
  }

  @Test func zerosAreZeros() {
    for shape in [[0], [3, 5], [3, 700_001]] { #expect(Elementwise.zeros(shape) == Tensor(zeros: shape)) }
  }

  /// One pool that several threads use, within its tiles too: all of their work is done.
  @Test func onePoolServesSeveralThreads() async {
    let pool = ThreadPool(threads: 3)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<3 {
        group.addTask {
          pool.use {
            for _ in 0..<300 {
              let counts = (0..<20).map { _ in Counter() }
              ThreadPool.current.parallel(20) { tile in
                ThreadPool.current.parallel(2) { _ in counts[tile].increment() }
              }
              guard counts.allSatisfy({ $0.value == 2 }) else { return false }
            }
            return true
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  /// Kernels take the pool of the innermost `use`, and the calling thread alone outside of any.
  @Test func poolsAreScoped() {
    #expect(ThreadPool.current.threads == 1)
    ThreadPool(threads: 2).use {
      #expect(ThreadPool.current.threads == 2)
      ThreadPool(threads: 3).use { #expect(ThreadPool.current.threads == 3) }
      #expect(ThreadPool.current.threads == 2)
    }
    #expect(ThreadPool.current.threads == 1)
  }

  /// A pool's threads end with it.
  @Test func threadsEndWithTheirPool() throws {
    func threads() throws -> Int {
      try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
        .first { $0.hasPrefix("Threads:") }.flatMap { Int($0.dropFirst(8).trimmingCharacters(in: .whitespaces)) } ?? 0
    }
    for _ in 0..<100 { ThreadPool(threads: 20).use { ThreadPool.current.parallel(40) { _ in } } }
    // 1,900 threads were started; those of the last pools may be on their way out, and other tests run meanwhile.
    for _ in 0..<200 where try threads() > 300 { Thread.sleep(forTimeInterval: 0.05) }
    #expect(try threads() <= 300)
  }

  final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    func increment() { count.add(1, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
  }

  /// The bits do not depend on the number of threads.
  @Test(arguments: Precision.allCases.filter(\.isAvailable)) func bitsDoNotDependOnThreads(precision: Precision) {
    func compute() -> [Tensor] {
      var stream = RandomStream(seed: 21)
      let extents = Extents([
        Extent(height: 33, width: 31), Extent(height: 33, width: 31), Extent(height: 20, width: 40),
        Extent(height: 9, width: 9), Extent(height: 36, width: 36),
      ])
      let kernel = Convolution(kernelHeight: 3, kernelWidth: 3, padding: 1)
      let x = stream.normal([extents.cells, 16])
      let weight = stream.normal([3, 3, 16, 24])
      let dy = stream.normal([extents.cells, 24])
      let statistics = BatchNormalization.statistics(of: x)
      let normalization = BatchNormalization(
        statistics, scale: stream.normal([16]), offset: stream.normal([16]), epsilon: 1e-5, fusesReLU: true)
      let sums = normalization.parameterGradients(x, x)
      var normalized = x
      normalization.inputGradient(x, &normalized, sums: sums)
      let maxima = MaxPooling(size: 3, stride: 2).forward(x, extents)
      let (a, b) = (stream.normal([70, 900]), stream.normal([900, 333]))
      let product = Product.multiply(a, b, precision: precision)
      // As large as what is multiplied strip by strip, and updated in registers.
      let (few, wide) = (stream.normal([20, 1_300]), stream.normal([1_300, 900]))
      var (updated, velocity) = (wide, Tensor(zeros: wide.shape))
      let rows = Product.multiply(few, wide, precision: precision)
      let many = Product.multiply(stream.normal([70, 1_300]), wide, precision: precision)
      MomentumUpdate(
        learningRate: 0.1, weightDecay: 0.01, momentum: 0.9, gradientScale: 1, isCaffe: false, isNesterov: false
      ).apply(
        .product(input: few, outputGradient: rows, precision: precision), to: &updated, velocity: &velocity)
      var (adapted, first, second) = (wide, Tensor(zeros: wide.shape), Tensor(zeros: wide.shape))
      AdamWUpdate(learningRate: 0.1, weightDecay: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 1).apply(
        .product(input: few, outputGradient: rows, precision: precision), to: &adapted, firstMoment: &first,
        secondMoment: &second)
      return [
        rows, many, updated, velocity, adapted, first, second,
        kernel.forward(x, extents, weight: weight, bias: stream.normal([24]), precision: precision),
        kernel.inputGradient(dy, extents, weight: weight, precision: precision),
        kernel.weightGradient(x, dy, extents, precision: precision),
        statistics.mean, statistics.variance, sums.scale, sums.offset, normalization.forward(x),
        normalized, maxima.output,
        maxima.inputGradient(maxima.output, extents), Rows.columnSums(dy), product,
        Product.multiply(a, product, transposed: .first, precision: precision),
        Product.multiply(product, b, transposed: .second, precision: precision),
        Elementwise.dropout(x, rate: 0.5, seed: 4), Tensor(scalar: Float(Elementwise.sumOfSquares(x))),
      ]
    }
    let one = compute()
    for threads in [2, 3] { #expect(Self.withThreads(threads, compute) == one) }
  }

  /// Convolution of a ragged batch is the convolution of each image by itself.
  @Test func raggedConvolution() {
    var stream = RandomStream(seed: 22)
    let maps = [Extent(height: 5, width: 9), Extent(height: 12, width: 4), Extent(height: 12, width: 4)]
    let parts = maps.map { stream.normal([$0.cells, 3]) }
    let x = Tensor(parts.flatMap(\.values), shape: [Extents(maps).cells, 3])
    let weight = stream.normal([3, 3, 3, 6])
    let kernel = Convolution(kernelHeight: 3, kernelWidth: 3, stride: 2, padding: 1)
    let together = kernel.forward(x, Extents(maps), weight: weight, bias: nil)
    let alone = zip(maps, parts).flatMap { kernel.forward($1, Extents([$0]), weight: weight, bias: nil).values }
    #expect(together.distance(to: Tensor(alone)) < 1e-5)
  }

  /// Products of many shapes against the definition.
  @Test func products() {
    var stream = RandomStream(seed: 23)
    for (m, n, k) in [
      (1, 1, 1), (3, 5, 7), (65, 130, 33), (2, 300, 1), (40, 1, 200), (13, 1_030, 1_037), (65, 1_030, 1_037),
    ] {
      let (a, b) = (stream.normal([m, k]), stream.normal([k, n]))
      var expected = Tensor(zeros: [m, n])
      for i in 0..<m {
        for j in 0..<n {
          expected[i * n + j] = Float((0..<k).reduce(0.0) { $0 + Double(a[i * k + $1]) * Double(b[$1 * n + j]) })
        }
      }
      func transposed(_ t: Tensor) -> Tensor {
        let (rows, columns) = (t.shape[0], t.shape[1])
        return Tensor((0..<columns).flatMap { j in (0..<rows).map { t[$0 * columns + j] } }, shape: [columns, rows])
      }
      #expect(Product.multiply(a, b).distance(to: expected) < 3e-4)
      #expect(Product.multiply(transposed(a), b, transposed: .first).distance(to: expected) < 3e-4)
      #expect(Product.multiply(a, transposed(b), transposed: .second).distance(to: expected) < 3e-4)
      var twice = expected
      Product.multiply(a, b, into: &twice, accumulate: true)
      #expect(twice.distance(to: Elementwise.scale(expected, by: 2)) < 3e-4)
    }
  }

  /// ReLU within an operation hides no NaN, on which stopping a diverged run depends.
  @Test func rectifyingKeepsNaN() {
    var stream = RandomStream(seed: 25)
    let extents = Extents(count: 1, height: 6, width: 6)
    var x = stream.normal([36, 16])
    x[5] = .nan
    let maps = Convolution(kernelHeight: 3, kernelWidth: 3, padding: 1).forward(
      x, extents, weight: stream.normal([3, 3, 16, 16]), bias: nil, fusesReLU: true)
    #expect(maps.values.contains { $0.isNaN } && maps.values.allSatisfy { !($0 < 0) } && maps.values.contains(0))
    let ones = Tensor(repeating: 1, shape: [16])
    let statistics = BatchNormalization.Statistics(mean: Tensor(zeros: [16]), variance: ones)
    let rows = BatchNormalization(statistics, scale: ones, offset: ones, epsilon: 0, fusesReLU: true).forward(x)
    #expect(rows.values.count { $0.isNaN } == 1 && rows.values.contains(0))
  }

  @Test func finiteIsNeitherNaNNorInfinite() {
    var stream = RandomStream(seed: 26)
    var x = stream.normal([40_000])
    (x[3], x[39_999]) = (.greatestFiniteMagnitude, -.leastNonzeroMagnitude)
    #expect(Elementwise.isFinite(x) && Elementwise.isFinite(Tensor(zeros: [0])))
    for (position, value) in [(0, Float.nan), (20_001, .infinity), (39_999, -.infinity), (16_384, -.nan)] {
      var other = x
      other[position] = value
      #expect(!Elementwise.isFinite(other))
    }
  }

  /// The variance keeps its digits beside a large mean.
  @Test func statisticsWithALargeMean() {
    var stream = RandomStream(seed: 24)
    let x = stream.normal([20_000, 2], mean: 1_000, standardDeviation: 0.5)
    let statistics = BatchNormalization.statistics(of: x)
    #expect(abs(statistics.variance[0] - 0.25) < 0.01)
    #expect(abs(statistics.mean[1] - 1_000) < 0.02)
  }

  @Test func oneDNNNamesItself() {
    #expect(OneDNN.version.split(separator: ".").count == 3)
    #expect(!OneDNN.instructionSet.isEmpty)
  }
}
