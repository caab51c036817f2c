import Bulkhead
import Testing

// Names that a user's program is likely to have; this file compiles only if the library takes none of them.
private struct Dataset { var name = "mine" }
private struct Network { var name = "mine" }
private struct Trainer { var name = "mine" }
private struct Image { var name = "mine" }
private struct Tensor { var name = "mine" }
private struct Configuration { var name = "mine" }
private struct Layer { var name = "mine" }
private struct Study { var name = "mine" }
private struct Run { var name = "mine" }
private struct Weights { var name = "mine" }
private struct Metric { var name = "mine" }
private struct Interval { var name = "mine" }
private enum Split { case mine }

@Suite struct CollisionTests {
  @Test func namesOfAProgramStayItsOwn() {
    let names = [
      Dataset().name, Network().name, Trainer().name, Image().name, Tensor().name, Configuration().name, Layer().name,
      Study().name, Run().name, Weights().name, Metric().name, Interval().name, "\(Split.mine)",
    ]
    #expect(names.allSatisfy { $0 == "mine" })
    #expect(!BulkheadVersion.current.isEmpty)
  }
}
