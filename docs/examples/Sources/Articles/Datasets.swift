import Bulkhead

func prepareArrays() throws {
  // snippet
  var preparation = DatasetPreparation(
    .numpy(.init(images: "images.npy", labels: "labels.npy"), samples: .init(maximum: 1)), name: "digits")
  preparation.classNames = ["zero", "one", "two"]
  preparation.train = .atMost(500)
  preparation.validation = .fraction(0.1)
  preparation.seed = 7
  let report = try preparation.run(writingTo: "digits.h5") { done, total in
    print("\(done) of \(total)")
  }
  print("\(report.duplicates) duplicate images were left out")
  // end
}

func prepareBoxes() throws {
  // snippet
  let source = DatasetPreparation.Source.boxes(.coco, .init(images: "street", labels: "street.json"))
  try DatasetPreparation(source, name: "street").run(writingTo: "street.h5")
  // end
}

func openDataset() throws {
  // snippet
  let dataset = try LabeledDataset(opening: "digits.h5")
  for (name, count) in zip(dataset.classNames, dataset.countsByClass(of: .train)) {
    print("\(name): \(count) training images")
  }
  try dataset.verify()
  // end
}
