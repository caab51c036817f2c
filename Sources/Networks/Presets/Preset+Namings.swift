import Layers

extension NetworkDescription.Preset {
  /// Names of the preset's layers in files of other libraries than the one that its own names are from.
  var namings: [LayerNaming] {
    switch self {
    case .vgg11, .vgg13, .vgg16, .vgg19:
      [
        LayerNaming(
          library: "torchvision",
          names: sequential.merging(["fc1": "classifier.0", "fc2": "classifier.3", "predictions": "classifier.6"]) {
            first, _ in first
          }),
        LayerNaming(
          library: "Caffe",
          names: Dictionary(
            uniqueKeysWithValues: sequential.keys.map {
              ($0, $0.replacing("block", with: "conv").replacing("_conv", with: "_"))
            }
          )
          .merging(["fc1": "fc6", "fc2": "fc7", "predictions": "fc8"]) { first, _ in first }),
      ]
    case .alexnet:
      [
        LayerNaming(
          library: "torchvision",
          names: sequential.merging(["fc6": "classifier.1", "fc7": "classifier.4", "fc8": "classifier.6"]) {
            first, _ in first
          })
      ]
    case .squeezenet10: [fireModules(at: [3, 4, 5, 7, 8, 9, 10, 12])]
    case .squeezenet11: [fireModules(at: [3, 4, 6, 7, 9, 10, 11, 12])]
    case .smallVGG, .lenet, .caffenet, .googlenet, .resnet18, .resnet34, .resnet50, .resnet101, .mobilenetV1: []
    }
  }

  /// torchvision numbers the backbone's layers, ReLU and pooling included, as `features.0` and so on.
  private var sequential: [String: String] {
    let convolutions = backbone.enumerated().filter { $0.element.layer is ConvolutionLayer }
    return Dictionary(uniqueKeysWithValues: convolutions.map { ($0.element.lastName, "features.\($0.offset)") })
  }

  private func fireModules(at places: [Int]) -> LayerNaming {
    var names = ["conv1": "features.0", "conv10": "classifier.1"]
    for (index, place) in places.enumerated() {
      for (own, theirs) in [("squeeze1x1", "squeeze"), ("expand1x1", "expand1x1"), ("expand3x3", "expand3x3")] {
        names["fire\(index + 2)_\(own)"] = "features.\(place).\(theirs)"
      }
    }
    return LayerNaming(library: "torchvision", names: names)
  }
}
