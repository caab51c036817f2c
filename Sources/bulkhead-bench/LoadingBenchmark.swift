internal import Dispatch
internal import Kernels
internal import Layers
internal import Networks
internal import Tensors
internal import Training
internal import Weights

/// Times reading VGG16 from a file of weights into a network that is ready to be used.
package enum LoadingBenchmark {
  /// Milliseconds from opening the file to having every parameter, 1,000 classes included.
  /// - Throws: `FileError` where the file is not one of VGG16.
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
