import Serialization
package import Studies
import Training

/// A study of two arms, two targets and two seeds.
package func exampleStudy(_ changes: String...) throws -> Study { try exampleStudy(changes) }

package func exampleStudy(_ changes: [String]) throws -> Study {
  var node = try YAMLNode(
    parsing: """
      name: example
      domains:
        - {name: digits, source: datasets/digits.h5, target: datasets/held-out.h5}
        - {name: shirts, target: datasets/shirts.h5}
      arms:
        - {name: fc, settings: {network: {head: {kind: fc, width: 8}}}}
        - {name: gap, settings: {network: {head: {kind: gap}}}, pretraining: {epochs: 7}, learningRates: [0.1, 0.2, 0.3]}
      seeds: [1, 2]
      learningRates: [0.01, 0.02]
      search: {extensions: 0, doublings: 0}
      common: {data: {batch: 8, sizes: [32, 36]}}
      pretraining: {epochs: 5}
      finetuning: {epochs: 3, data: {trainPerClass: 20}}
      """, source: "study.yaml")
  for change in changes { try node.set(change) }
  return try StrictDecoder(source: "study.yaml").decode(Study.self, from: node)
}

/// The runs that a study begins with.
package func firstRuns(of plan: StudyPlan) throws -> [PlannedRun] {
  try StudyProgress(reading: plan).runs
}
