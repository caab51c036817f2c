import Foundation
import Testing

@Suite struct InspectTests {
  @Test func networksAreInspectedByNameAndByFile() throws {
    try withDirectory { directory in
      let vgg = try Command("inspect", "vgg16", in: directory)
      #expect(vgg.status == 0, "\(vgg.errors)")
      for part in ["138,357,544, 553.4 MB", "hidden layers 119,545,856 (86.4 %)", "15,470,264,320", "7 × 7 × 512"] {
        #expect(vgg.output.contains(part), "\(vgg.output)")
      }
      try Data(
        """
        network: {preset: lenet, head: {kind: gap}}
        """.utf8
      ).write(to: URL(fileURLWithPath: directory + "/net.yaml"))
      let options = ["--size", "28", "--channels", "1", "--classes", "10"]
      let gap = try Command(["inspect", "net.yaml"] + options, in: directory)
      #expect(gap.output.contains("26,080"), "\(gap.output)\(gap.errors)")
      let tooSmall = try Command("inspect", "lenet", "--size", "8", in: directory)
      #expect(tooSmall.status == 65 && tooSmall.errors.contains("features.conv2 gets 2 × 2 × 20"), "\(tooSmall.errors)")
      let unknown = try Command("inspect", "vgg16", "--head", "fcc", in: directory)
      #expect(unknown.status == 64 && unknown.errors.contains("gap-cut"))
    }
  }
}
