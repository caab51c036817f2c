internal import Dispatch
internal import Kernels
internal import Layers
internal import Networks
internal import Tensors
internal import Training
internal import Weights

/// Times loading VGG16 from a weight file into a network.
package enum LoadingBenchmark {
  /// The milliseconds from opening the file to having every parameter, with 1,000 classes.
  ///
  /// - Throws: `FileError` if the file is not a weight file of VGG16.
  package static func run(path: String) throws -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    let network = try NetworkDescription(preset: .vgg16).network(channels: 3, classes: 1_000)
    let file = try WeightsFile(opening: path)
    let maps = try network.flattenedMaps(of: .maps(Extent(height: 224, width: 224), channels: 3))
    let plan = try LoadingPlan(network: network.parameters.map { ($0.name, $0.shape) }, flattened: maps, from: file)
    let parameters = network.initialParameters(seed: 1, given: try plan.load())
    precondition(parameters.count == network.parameters.count, "a parameter is missing")
    return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-6
  }
}
