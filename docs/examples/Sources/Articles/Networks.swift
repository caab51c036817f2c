import Bulkhead

func describeNetworks() throws {
  // snippet
  let preset = NetworkModel(.vgg16, head: .globalAveragePooling)
  let layers = try NetworkModel(
    yaml: """
      layers:
        - {name: features.conv1, kind: convolution, outputs: 16, kernel: 3, padding: 1}
        - {name: features.relu1, kind: relu}
        - {name: features.pool1, kind: max-pooling, size: 2}
      head: {kind: fc, width: 64, depth: 2}
      """)
  // end
  _ = (preset, layers)
}

func summarizeNetwork(_ preset: NetworkModel) throws {
  // snippet
  let summary = try preset.summary(size: 224, channels: 3, classes: 10)
  for layer in summary.layers {
    print(layer.name, layer.outputShape, layer.parameters, layer.multiplyAccumulates)
  }
  print("fully connected: \(100 * summary.fullyConnectedShare) % of \(summary.parameters) parameters")
  // end
}

func readKerasModel() throws {
  // snippet
  var network = try NetworkModel(opening: "model.h5")
  network.head = try .named("gap-mlp", width: 256, depth: 2)
  // end
  _ = network
}
