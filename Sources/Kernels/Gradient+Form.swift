package import Tensors

extension Gradient {
  /// What a gradient is made of.
  package enum Form: Sendable, Equatable {
    /// A tensor of the parameter's shape.
    case whole
    /// Factors of so many rows.
    case product(rows: Int, Precision)

    /// The form as a number; see `init(code:)`.
    package var code: Int {
      switch self {
      case .whole: -1
      case .product(let rows, let precision): rows * 2 + (precision == .bfloat16 ? 1 : 0)
      }
    }

    /// The form of a `code`.
    package init(code: Int) {
      self = code < 0 ? .whole : .product(rows: code / 2, code.isMultiple(of: 2) ? .float32 : .bfloat16)
    }

    /// Elements of each tensor of the gradient of a parameter of some shape.
    package func counts(of shape: [Int]) -> [Int] {
      switch self {
      case .whole: [shape.reduce(1, *)]
      case .product(let rows, _): [rows * shape[0], rows * shape[1]]
      }
    }
  }

  /// What it is made of.
  package var form: Form {
    switch self {
    case .whole: .whole
    case .product(let input, _, let precision): .product(rows: input.shape[0], precision)
    }
  }

  /// Its tensor, or its factors: the input, then the output gradient.
  package var tensors: [Tensor] {
    switch self {
    case .whole(let tensor): [tensor]
    case .product(let input, let outputGradient, _): [input, outputGradient]
    }
  }

  /// The gradient of a parameter of some shape whose `tensors` follow each other in a vector.
  package init(_ form: Form, of shape: [Int], from values: Tensor, at start: Int) {
    switch form {
    case .whole: self = .whole(Flat.part(of: values, from: start, shape))
    case .product(let rows, let precision):
      self = .product(
        input: Flat.part(of: values, from: start, [rows, shape[0]]),
        outputGradient: Flat.part(of: values, from: start + rows * shape[0], [rows, shape[1]]), precision: precision)
    }
  }
}
