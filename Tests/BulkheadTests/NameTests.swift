import Bulkhead
import Datasets
import Networks
import Testing
import Weights

@Suite struct NameTests {
  /// Public cases and the modules' own have the same names.
  @Test func publicCasesAreTheModules() {
    #expect(NetworkModel.Preset.allCases.map(\.rawValue) == NetworkDescription.Preset.allCases.map(\.rawValue))
    #expect(PretrainedWeights.Layout.allCases.map(\.rawValue) == WeightsFormat.allCases.map(\.rawValue))
    #expect(PretrainedWeights.FlattenOrder.allCases.map(\.rawValue) == FlattenOrder.allCases.map(\.rawValue))
    #expect(LabeledDataset.Split.allCases.map(\.rawValue) == Split.allCases.map(\.rawValue))
    #expect(DatasetPreparation.BoxFormat.allCases.map(\.rawValue) == AnnotationFormat.allCases.map(\.rawValue))
    #expect(DatasetPreparation.BoxReading.Unit.allCases.map(\.rawValue) == BoxUnit.allCases.map(\.rawValue))
  }
}
