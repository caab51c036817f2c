import Bulkhead
import Support
import Testing
import Weights

struct CaffeLayoutTests {
  @Test func aSolverStateHoldsNoWeights() throws {
    let path = weightsFixture("weights/caffe.solverstate.h5")
    for format in [nil, WeightsFormat.caffe] {
      let error = fileError { _ = try WeightsFile(opening: path, as: format) }
      #expect(error?.message.contains("it is the state of a Caffe solver, which holds no weights") == true)
      #expect(error?.message.contains("its weights are in net_iter_5000.caffemodel.h5") == true)
    }
    guard case .objects = try FileContents(of: path) else {
      Issue.record("a solver state is shown as weights")
      return
    }
  }
}
