import Kernels
import Testing

@Suite struct OneDNNTests {
  @Test func versionAndInstructionSetAreKnown() {
    #expect(OneDNN.version.split(separator: ".").count == 3)
    #expect(!OneDNN.instructionSet.isEmpty)
  }
}
