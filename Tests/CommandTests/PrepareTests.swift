import Foundation
import Testing

@Suite struct PrepareTests {
  @Test func aPreparedDatasetCanBeInspected() throws {
    try withDirectory { directory in
      // 20 pictures of 2 x 2 pixels in two classes.
      let rows = (0..<20).map { "\($0),\(10 * $0),7,\(255 - $0),\($0 % 2)" }.joined(separator: "\n")
      try Data(rows.utf8).write(to: URL(fileURLWithPath: directory + "/a.csv"))
      let prepare = try Command(
        "prepare", "csv", "a.csv", "--label", "last", "--classes", "even, odd", "--test", "2", "--validation", "20%",
        "--output", "a.h5", in: directory)
      #expect(prepare.status == 0, "\(prepare.errors)")
      #expect(prepare.output.contains("even       6           2     2"), "\(prepare.output)")
      let inspect = try Command("inspect", "a.h5", in: directory)
      #expect(inspect.status == 0)
      #expect(inspect.output.contains("20 images of 2 x 2 pixels, 1 channel, 20 regions"), "\(inspect.output)")
    }
  }

  @Test func aSourceLargerThanTheMemoryAllowedIsPrepared() throws {
    try withDirectory { directory in
      // 480 MB of zeros that take no space on the disk, under a limit of 400 MB for everything that the process maps.
      let (count, side) = (1_920, 500)
      func header(_ kind: UInt8, _ extents: [Int]) -> Data {
        Data([0, 0, 8, kind] + extents.flatMap { extent in [24, 16, 8, 0].map { UInt8(extent >> $0 & 255) } })
      }
      let images = directory + "/images.idx"
      try header(3, [count, side, side]).write(to: URL(fileURLWithPath: images))
      let handle = try #require(FileHandle(forWritingAtPath: images))
      try handle.truncate(atOffset: UInt64(16 + count * side * side))
      try handle.close()
      let labels = header(1, [count]) + Data((0..<count).map { UInt8($0 % 2) })
      try labels.write(to: URL(fileURLWithPath: directory + "/labels.idx"))
      let prepare = try Command(
        "-c",
        "ulimit -v 400000; exec \"$0\" prepare idx --images images.idx --labels labels.idx --keep-duplicates "
          + "--maximum 255 --test 1 --validation 1 --train 2 --output a.h5", try Command.executable().path,
        of: URL(fileURLWithPath: "/bin/sh"), in: directory)
      #expect(prepare.status == 0, "\(prepare.errors)")
      #expect(prepare.output.contains("all        4           2     2"), "\(prepare.output)")
    }
  }
}
