import Kernels
import Optimizers
import Tensors
import TestSupport
import Testing

/// 20 steps of every setting against torch.optim.SGD, and against Caffe's formulas; see Fixtures/make_fixtures.py.
@Suite struct SGDTests {
  @Test func twentyStepsOfEverySetting() throws {
    let golden = RecordedSteps("sgd.h5")
    let distances = try golden.distances { golden in
      var result = SGD.Configuration()
      result.convention = SGD.Convention(rawValue: try golden.string("convention"))!
      result.momentum = try golden.number("momentum")
      result.dampening = try golden.number("dampening")
      result.nesterov = try golden.number("nesterov") != 0
      return .sgd(result)
    }
    #expect(distances.count >= 25 * 2 * RecordedSteps.steps)
    #expect(distances.filter { !($0.value < 2e-6) } == [:])
  }

  /// The two conventions agree while the learning rate is constant and part when it changes.
  @Test func conventionsPartWhenTheLearningRateChanges() {
    func run(_ convention: SGD.Convention, rates: [Double]) -> Tensor {
      var sgd = SGD.Configuration()
      sgd.convention = convention
      var parameters = Parameters([("w", Tensor([1, -2, 3]))])
      var optimizer = Optimizer(OptimizerConfiguration(.sgd(sgd)), names: parameters.names)
      for rate in rates {
        optimizer.learningRate = rate
        optimizer.consume(.whole(Tensor([0.5, 1, -1])), into: &parameters[0], at: 0)
        optimizer.finish(&parameters)
      }
      return parameters[0]
    }
    let constant = [0.1, 0.1, 0.1]
    #expect(run(.torch, rates: constant).distance(to: run(.caffe, rates: constant)) < 1e-6)
    let falling = [0.1, 0.1, 0.01]
    #expect(run(.torch, rates: falling).distance(to: run(.caffe, rates: falling)) > 0.01)
  }
}
