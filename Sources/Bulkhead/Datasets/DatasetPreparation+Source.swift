internal import Datasets

extension DatasetPreparation {
  /// Files or folders of images with their labels.
  public struct Source: Sendable, Equatable {
    let value: PreparationSource

    /// A folder with one folder of image files per class, or with such folders in `train`, `val` and `test`.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - isNested: whether files in subfolders of a class belong to it; otherwise they are passed over and counted.
    ///   - isStrict: whether it is an error that anything is passed over.
    public static func folder(_ path: String, isNested: Bool = false, isStrict: Bool = false) -> Source {
      Source(value: .folder(path, FolderReading(isNested: isNested, isStrict: isStrict)))
    }

    /// A CSV file that lists image files with their labels, and their splits if it has a column for them.
    ///
    /// - Parameters:
    ///   - table: the CSV file; its columns are named by a header line, or are file, label and split.
    ///   - images: the folder that paths start from; by default the CSV file's own.
    ///   - columns: the names of the columns where they are not the usual ones.
    ///   - skipsMissing: whether files that are missing are left out and counted; otherwise they are an error.
    ///   - text: encoding and separator; the header is found by the names in it.
    public static func csvFiles(
      _ table: String, images: String? = nil, columns: FileColumns = FileColumns(), skipsMissing: Bool = false,
      text: TextReading = TextReading()
    ) -> Source {
      var value = FileTable(path: table, images: images)
      (value.fileColumn, value.labelColumn, value.splitColumn) = (columns.file, columns.label, columns.split)
      (value.skipsMissing, value.text) = (skipsMissing, text.value)
      return Source(value: .files(value))
    }

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
    ///   - more: further ones that belong to the same set, such as the batches of CIFAR-10.
    ///   - test: those of the source's own test set, if it has one.
    ///   - samples: black, white, and the order of axes.
    public static func numpy(
      _ train: LabeledFiles, more: [LabeledFiles] = [], test: LabeledFiles? = nil,
      samples: SampleReading = SampleReading()
    ) -> Source {
      Source(value: .npy(train: train.value, more: more.map(\.value), test: test?.value, samples.value))
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

  /// The names of columns in a table of files; nil finds a column by its usual names.
  public struct FileColumns: Sendable, Equatable {
    /// The column of the files' paths.
    public var file: String?
    /// The column of the labels.
    public var label: String?
    /// The column of the splits.
    public var split: String?

    /// Three names, each nil by default.
    public init(file: String? = nil, label: String? = nil, split: String? = nil) {
      (self.file, self.label, self.split) = (file, label, split)
    }
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
