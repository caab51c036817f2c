internal import Datasets

extension DatasetPreparation {
  /// Files or folders of images with their labels.
  public struct Source: Sendable, Equatable {
    let value: PreparationSource

    /// A folder with one folder of JPEG and PNG files per class, or with such folders in `train` and `test`.
    public static func folder(_ path: String) -> Source { Source(value: .folder(path)) }

    /// Two IDX files, gzip or plain (MNIST's format), and the source's own test set if it has one.
    public static func idx(
      _ train: LabeledFiles, test: LabeledFiles? = nil, samples: SampleReading = SampleReading()
    ) -> Source {
      Source(value: .idx(train: train.value, test: test?.value, samples.value))
    }

    /// Two NumPy files, of images `[N, H, W]`, `[N, H, W, C]`, `[N, C, H, W]` or flat rows `[N, pixels]`, and of labels
    /// `[N]` or rows of one 1 among zeros.
    ///
    /// - Parameters:
    ///   - train: the files of images and labels.
    ///   - test: those of the source's own test set, if it has one.
    ///   - samples: black, white, and the order of axes.
    public static func numpy(
      _ train: LabeledFiles, test: LabeledFiles? = nil, samples: SampleReading = SampleReading()
    ) -> Source {
      Source(value: .npy(train: train.value, test: test?.value, samples.value))
    }

    /// Two arrays of an HDF5 file, of MATLAB's format 7.3 too.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - images: the path of the images in it.
    ///   - labels: that of the labels.
    ///   - samples: black, white, and the order of axes.
    public static func hdf5(
      _ path: String, images: String = "/images", labels: String = "/labels", samples: SampleReading = SampleReading()
    ) -> Source {
      Source(value: .hdf5(path: path, images: images, labels: labels, samples.value))
    }

    /// A CSV file, gzip or plain, with an image's values and its label in each row.
    ///
    /// - Parameters:
    ///   - train: the file.
    ///   - test: that of the source's own test set, if it has one.
    ///   - label: the column of the label.
    ///   - samples: black, white, and the extents of images.
    ///   - text: encoding, separator and header.
    public static func csv(
      _ train: String, test: String? = nil, label: LabelPlace, samples: SampleReading = SampleReading(),
      text: TextReading = TextReading()
    ) -> Source {
      Source(value: .csv(train: train, test: test, label: label.value, samples.value, text: text.value))
    }

    /// Labeled boxes in the images of a folder.
    ///
    /// - Parameters:
    ///   - format: of the annotations.
    ///   - train: the folder of images, and the file or folder of their annotations as `labels`.
    ///   - test: those of the source's own test set, if it has one.
    ///   - boxes: which boxes are kept, and their unit.
    public static func boxes(
      _ format: BoxFormat, _ train: LabeledFiles, test: LabeledFiles? = nil, boxes: BoxReading = BoxReading()
    ) -> Source {
      let known: AnnotationFormat =
        switch format {
        case .coco: .coco
        case .voc: .voc
        case .csv: .csv
        }
      return Source(value: .boxes(known, train: train.value, test: test?.value, boxes.value))
    }
  }

  /// A file or folder of images and one of their labels.
  public struct LabeledFiles: Sendable, Equatable {
    /// The images.
    public var images: String
    /// The labels, or annotations of boxes.
    public var labels: String

    /// Two paths.
    public init(images: String, labels: String) { (self.images, self.labels) = (images, labels) }

    var value: PreparationSource.Pair { .init(images: images, labels: labels) }
  }

  /// How annotations of boxes are written.
  public enum BoxFormat: String, Sendable, CaseIterable {
    /// A JSON file of COCO's object detection (Lin et al. 2014).
    case coco
    /// A folder of Pascal VOC's XML files (Everingham et al. 2010).
    case voc
    /// A CSV file with the columns image, x1, y1, x2, y2 (or x, y, width, height) and label; corners count from 0 and belong
    /// to the box.
    case csv
  }
}
