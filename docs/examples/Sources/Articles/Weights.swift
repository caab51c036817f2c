import Bulkhead

func listWeights() throws {
  // snippet
  let weights = try PretrainedWeights(opening: "vgg16.safetensors")
  print(weights.layout)
  for tensor in weights.tensors { print(tensor.name, tensor.shape) }
  let bias = try weights.values(of: "classifier.0.bias")
  print("\(bias.count) values")
  // end
}

func loadWeights() throws {
  // snippet
  var configuration = TrainingConfiguration(dataset: "photos.h5")
  configuration.network = NetworkModel(.vgg16)
  configuration.weights = "vgg16.h5"
  configuration = try configuration.setting("freeze", to: "[backbone]")
  // end
  _ = configuration
}

func convertWeights(_ weights: PretrainedWeights) throws {
  // snippet
  try weights.convert(
    to: .keras, writingTo: "vgg16.h5",
    flattened: ["classifier.0": .init(height: 7, width: 7, channels: 512)],
    renaming: ["classifier.0": "fc1", "classifier.3": "fc2", "classifier.6": "predictions"],
    order: ["features.*", "classifier.*"])
  // end
}
