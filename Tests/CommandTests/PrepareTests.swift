import Foundation
import Testing

@Suite struct PrepareTests {
  @Test func aPreparedDatasetCanBeInspected() throws {
    try withDirectory { directory in
      try writeTwenty(in: directory)
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

  @Test func aDatasetIsShifted() throws {
    try withDirectory { directory in
      try writeTwenty(in: directory)
      let prepare = try Command("prepare", "csv", "a.csv", "--label", "last", "--output", "a.h5", in: directory)
      #expect(prepare.status == 0, "\(prepare.errors)")
      let shift = ["prepare", "shifted", "a.h5", "--shift", "inverted", "--output", "b.h5"]
      let shifted = try Command(shift, in: directory)
      #expect(shifted.status == 0, "\(shifted.errors)")
      #expect(shifted.output == "wrote b.h5: 20 images, inverted at severity 1.0\n")
      let inspect = try Command("inspect", "b.h5", in: directory)
      #expect(inspect.output.contains("20 images of 2 x 2 pixels, 1 channel, 20 regions"), "\(inspect.output)")
      let before = try Data(contentsOf: URL(fileURLWithPath: directory + "/b.h5"))
      for (arguments, code, message) in [
        (shift, 64, "b.h5: it exists already"),
        (
          ["prepare", "shifted", "a.h5", "--shift", "inverted", "-o", "a.h5", "--overwrite"], 64,
          "is read by this command"
        ),
        (["prepare", "shifted", "a.h5", "--shift", "gray", "-o", "c.h5"], 65, "its images are gray"),
        (
          ["prepare", "shifted", "a.h5", "--shift", "foggy", "--severity", "0", "-o", "c.h5"], 64,
          "--severity is above 0"
        ),
        (["prepare", "shifted", "a.h5", "--shift", "fog", "-o", "c.h5"], 64, "foggy"),
        (["prepare", "shifted", "none.h5", "--shift", "foggy", "-o", "c.h5"], 66, "none.h5"),
      ] {
        let refused = try Command(arguments, in: directory)
        #expect(refused.status == code && refused.errors.contains(message), "\(refused.status) \(refused.errors)")
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: directory + "/b.h5")) == before)
      #expect(!FileManager.default.fileExists(atPath: directory + "/c.h5"))
    }
  }

  /// A BMP file of one pixel: no two numbers give the same image.
  private static func bitmap(_ number: UInt8) -> Data {
    let header: [UInt8] = [58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0]
    return Data(Array("BM".utf8) + header + [UInt8](repeating: 0, count: 24) + [number, 0, 7, 0])
  }

  @Test func whatAFolderHoldsBesideImagesIsSaid() throws {
    try withDirectory { directory in
      for (index, folder) in ["train/cat", "train/dog", "Val/cat", "Val/dog", "train/cat/more"].enumerated() {
        let path = directory + "/set/" + folder
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Self.bitmap(UInt8(index)).write(to: URL(fileURLWithPath: path + "/0.bmp"))
      }
      let prepare = try Command("prepare", "folder", "set", "--output", "a.h5", in: directory)
      #expect(prepare.status == 0, "\(prepare.errors)")
      #expect(prepare.output.contains("all        2           2     0"), "\(prepare.output)")
      #expect(
        prepare.output.contains(
          "passed over: 1 file in subfolders of classes (train/cat/more/0.bmp; --nested reads them)"),
        "\(prepare.output)")
      let inspect = try Command("inspect", "a.h5", in: directory)
      #expect(
        inspect.output.contains("4 regions\nfile names of all images, such as train/cat/0.bmp"), "\(inspect.output)")
      let strict = try Command("prepare", "folder", "set", "--strict", "--output", "b.h5", in: directory)
      #expect(strict.status == 65 && strict.errors.contains("set: passed over: 1 file in subfolders"))
      #expect(!FileManager.default.fileExists(atPath: directory + "/b.h5"))
      let nested = try Command("prepare", "folder", "set", "--strict", "--nested", "--output", "b.h5", in: directory)
      #expect(nested.status == 0 && nested.output.contains("all        3           2     0"), "\(nested.output)")
    }
  }

  @Test func aTableOfFilesIsPrepared() throws {
    try withDirectory { directory in
      for index in 0..<4 {
        try Self.bitmap(UInt8(index)).write(to: URL(fileURLWithPath: directory + "/\(index).bmp"))
      }
      let table = "name,kind,use\n0.bmp,cat,train\n1.bmp,dog,train\n2.bmp,cat,val\n3.bmp,dog,test\n4.bmp,dog,test\n"
      try Data(table.utf8).write(to: URL(fileURLWithPath: directory + "/table.csv"))
      let columns = ["--file-column", "name", "--label-column", "kind", "--split-column", "use", "--output", "a.h5"]
      let missing = try Command(["prepare", "csv-files", "table.csv"] + columns, in: directory)
      #expect(missing.status == 66 && missing.errors.contains("1 of 5 files is missing (4.bmp)"), "\(missing.errors)")
      let prepare = try Command(["prepare", "csv-files", "table.csv", "--skip-missing"] + columns, in: directory)
      #expect(prepare.status == 0, "\(prepare.errors)")
      #expect(prepare.output.contains("all        2           1     1"), "\(prepare.output)")
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
