import Support
import Testing

@Suite struct FileNatureTests {
  private func nature(_ text: String, name: String = "file") -> FileNature { nature(Array(text.utf8), name: name) }
  private func nature(_ bytes: [UInt8], name: String = "file") -> FileNature {
    FileNature(head: bytes, size: bytes.count, name: name)
  }

  @Test func standInsAreNamed() {
    let pointer = """
      version https://git-lfs.github.com/spec/v1
      oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
      size 553467096

      """
    #expect(nature(pointer) == .lfsPointer(size: 553_467_096))
    #expect(nature("") == .empty)
    #expect(nature("\n<!DOCTYPE html>\n<html lang=\"en\">") == .webPage)
    #expect(nature("<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"x\"><html>") == .webPage)
    let message = nature(pointer).refusal("vgg.h5", expected: "weights").message
    #expect(
      message
        == "vgg.h5: it is a Git LFS pointer that stands for a file of 553467096 bytes, not the file itself; "
        + "expected weights; run git lfs pull in its repository")
  }

  @Test func kindsHaveTheirBeginnings() {
    #expect(nature([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A]) == .hdf5)
    #expect(nature([0x1F, 0x8B, 8]) == .gzip)
    #expect(nature([UInt8](repeating: 0, count: 257) + Array("ustar\0".utf8)) == .tar)
    #expect(nature([0x80, 2, 0x7D, 0x71]) == .pickle)
    #expect(nature("(dp0\nS'a'\np1\n") == .pickle)
    #expect(nature("cnumpy.core.multiarray\n_reconstruct\np0\n") == .pickle)
    #expect(nature("class,pixel\ncat,1\n(1),2\n") == .text)
    #expect(
      nature([0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]) == .legacyTorch)
    #expect(nature([0x93] + Array("NUMPY\u{1}\0".utf8)) == .numpy)
    #expect(nature([0xFF, 0xD8, 0xFF, 0xE0]) == .image("JPEG"))
    #expect(nature([0x89, 0x50, 0x4E, 0x47]) == .image("PNG"))
    #expect(nature("RIFF    WEBPVP8 ") == .image("WebP"))
    #expect(nature([8, 7, 0x12, 4]) == .onnx)
    #expect(nature([0x0A, 5] + Array("LeNet".utf8), name: "a.caffemodel") == .caffe)
    #expect(nature("name: \"VGG\"\nlayer {\n}") == .prototxt)
    #expect(nature("a,b\n1,2\n") == .text)
    #expect(nature("{\"metadata\": {}, \"weight_map\": {\"a\": \"model-1.safetensors\"}}") == .weightIndex)
    #expect(nature("{\"metadata\": {}}", name: "model.safetensors.index.json") == .weightIndex)
    #expect(nature("{\"metadata\": {}}") == .json)
    #expect(nature([16, 0, 0, 0, 0, 0, 0, 0] + Array("{\"a\": 1}".utf8)) == .safetensors)
    // A header of 640 bytes begins as a pickle of protocol 2.
    #expect(nature([0x80, 2, 0, 0, 0, 0, 0, 0] + Array("{\"a\": 1}".utf8)) == .safetensors)
    #expect(nature([3, 1, 4, 1, 5, 9, 2, 6, 5, 0, 0, 0]) == .unknown)
  }

  @Test func archivesAreNamedByTheirFirstEntry() {
    func archive(_ name: String) -> String? {
      nature(
        [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 22) + [UInt8(name.utf8.count), 0, 0, 0] + Array(name.utf8)
      )
      .description
    }
    #expect(archive("net/data.pkl")?.contains("torch file") == true)
    #expect(archive("weight.npy")?.contains("NumPy .npz") == true)
    #expect(archive("metadata.json")?.contains("Keras 3") == true)
    #expect(archive("photo.jpg") == "it is a ZIP archive that begins with photo.jpg")
  }
}
