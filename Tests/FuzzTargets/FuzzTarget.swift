import Bulkhead
import Datasets
import HDF5
import Images
import Kernels
import Layers
import Networks
import Serialization
import Studies
import Support
import Tensors
import Training
import Weights

/// A reader of untrusted bytes that a fuzzer feeds: it may reject them, and nothing else.
package enum FuzzTarget: String, CaseIterable, Sendable {
  case safetensors, onnx, caffemodel
  /// A Caffe network as text.
  case prototxt
  /// Pickles, ZIP archives, and the files of weights made of them.
  case pickle, zip, npz, torch
  /// A Keras model's JSON.
  case model
  case yaml
  /// JPEG and PNG; the other formats of images.
  case image, webp, tiff, bmp, gif
  /// Image files in a dataset that declares them, rightly or not.
  case encoded
  case npy, idx, csv, raw
  /// Annotations of boxes; proposals of a detector.
  case coco, voc, boxes, proposals
  /// A table of image files.
  case files
  /// A class map, as CSV and as YAML; boxes of images to predict.
  case classes, regions
  /// The log of feature maps.
  case maps
  /// A file of libhdf5's, as bytes: what libhdf5 itself gets wrong shows here too.
  case hdf5
  /// A file that libhdf5 writes by a program of calls: all that the guard has to tell apart.
  case made

  /// Reads bytes; errors of the kinds that users see count as success, any other traps.
  package func read(_ bytes: [UInt8], in directory: FuzzDirectory) {
    do {
      switch self {
      case .safetensors: try Self.readWeights(try directory.put(bytes, "in.safetensors"), .safetensors)
      case .onnx: try Self.readWeights(try directory.put(bytes, "in.onnx"), .onnx)
      case .caffemodel: try Self.readWeights(try directory.put(bytes, "in.caffemodel"), .caffemodel)
      case .model: try Self.readModel(KerasModel(json: String(decoding: bytes, as: UTF8.self), path: "in"))
      case .prototxt: try Self.readModel(CaffeModel(text: String(decoding: bytes, as: UTF8.self), path: "in"))
      case .pickle: try Self.readPickle(bytes)
      case .zip: try Self.readArchive(try directory.put(bytes, "in.zip"))
      case .npz: try Self.readWeights(try directory.put(bytes, "in.npz"), .numpy)
      case .torch: try Self.readWeights(try directory.put(bytes, "in.pt"), .pt)
      case .yaml: try Self.readYAML(bytes)
      case .image, .webp, .tiff, .bmp, .gif: try Self.readImage(bytes)
      case .encoded: try Self.readEncoded(bytes, in: directory)
      case .npy, .idx, .csv, .raw, .coco, .voc, .boxes, .proposals, .files: try prepare(bytes, in: directory)
      case .classes:
        do { _ = try ClassMap(reading: directory.put(bytes, "in.yaml")) } catch is FileError {} catch is YAMLError {}
        _ = try ClassMap(reading: directory.put(bytes, "in.csv"))
      case .regions: _ = try RegionList(reading: directory.put(bytes, "in.csv")).boxes(of: ["a/b.png", "c.png"])
      case .maps: try Self.readMaps(bytes, in: directory)
      case .hdf5: try Self.readHDF5(try directory.put(bytes, "in.h5"))
      case .made: try GeneratedFile(bytes).check(at: directory.path("in.h5"))
      }
    } catch is FileError {
    } catch is HDF5Error {
    } catch is ImageError {
    } catch is YAMLError {
    } catch is ShapeError {
    } catch {
      preconditionFailure("\(self) threw \(type(of: error)): \(error)")
    }
  }

  private static func readWeights(_ path: String, _ format: WeightsFormat?) throws {
    let file = try WeightsFile(opening: path, as: format)
    for tensor in file.tensors where tensor.shape.allSatisfy({ $0 < 1 << 16 }) {
      // A tensor that cannot be read does not make the next one bad.
      do throws(FileError) { _ = try file.values(of: tensor) } catch {}
    }
  }

  private static func readPickle(_ bytes: [UInt8]) throws {
    let source = MemorySource(bytes, path: "in")
    do throws(FileError) { _ = try Pickle(reading: source, allowsStorages: true) } catch {}
    let file = try ArrayFile(reading: source, takesLabels: true)
    for text in file.texts {
      do throws(FileError) { _ = try text.array.texts(path: "in") } catch {}
    }
    for entry in file.entries {
      _ = try entry.array.floats(in: 0..<min(entry.array.count, 1 << 16))
    }
  }

  private static func readArchive(_ path: String) throws {
    let archive = try ZipArchive(opening: path)
    for entry in archive.entries {
      do throws(FileError) {
        let bytes = try archive.read(entry, limit: 1 << 20)
        precondition(bytes.count == entry.size, "\(entry.name) has \(bytes.count) bytes for \(entry.size)")
        if entry.isStored { try archive.requireIntact(entry) }
      } catch {}
    }
  }

  private static func readModel(_ model: any ImportedModel) throws {
    let description = NetworkDescription(layers: model.layers, size: model.size)
    let channels = model.channels ?? 3
    let network = try description.network(channels: channels, classes: model.classes ?? 10)
    _ = try NetworkSummary(network, input: .maps(model.size ?? .init(height: 32, width: 32), channels: channels))
  }

  private static func readYAML(_ bytes: [UInt8]) throws {
    let node = try YAMLNode(parsing: String(decoding: bytes, as: UTF8.self), source: "in")
    let decoder = StrictDecoder(source: "in")
    do {
      _ = try StudyPlan(decoder.decode(Study.self, from: node), path: "in", directory: "runs")
    } catch is YAMLError {}
    let configuration = try decoder.decode(Configuration.self, from: node)
    guard configuration.network.problem == nil else { return }
    let network = try configuration.network.network(channels: 3, classes: 10)
    _ = try NetworkSummary(network, input: .maps(.init(height: 224, width: 224), channels: 3))
  }

  private static func readImage(_ bytes: [UInt8]) throws {
    let image = try Image(decoding: bytes, name: "in", pixelLimit: 1 << 20)
    _ = image.converted(toChannels: 4 - image.channels)
  }

  private static func readMaps(_ bytes: [UInt8], in directory: FuzzDirectory) throws {
    let path = try directory.put(Array("maps\n".utf8) + bytes, "in.maps")
    let log = try FeatureMapLog(path: path, header: "maps", channels: 3)
    for index in 0..<log.count {
      do throws(FileError) { _ = try log.map(at: index) } catch {}
    }
    try log.append([1, 2, 3], height: 1, width: 1)
    try log.flush()
    let back = try log.map(at: log.count - 1).values
    precondition(back == [1, 2, 3], "the map came back as \(back)")
  }

  static func readHDF5(_ path: String) throws {
    _ = try HDF5File(opening: path).examine()
    switch try FileContents(of: path) {
    case .dataset(let dataset):
      for image in 0..<min(dataset.imageCount, 8) {
        if dataset.header.features == nil {
          _ = try dataset.image(at: image)
        } else {
          _ = try dataset.featureMap(at: image)
        }
      }
    case .weights, .checkpoint: try readWeights(path, nil)
    case .objects: break
    }
  }
}
