import Foundation
import TestSupport
import Testing

/// `study new`: folders of images become a study that the other commands find by its name.
@Suite struct StudyNewTests {
  @Test func aStudyIsFoundByItsName() throws {
    try withDirectory { directory in
      try writeImageFolder(directory + "/photos", first: 0)
      try writeImageFolder(directory + "/sketches", first: 500)
      let arguments = ["study", "new", "mine", "--domain", "photos=photos", "--domain", "sketches=sketches"]
      let new = try Command(arguments + ["--budget", "1h", "--seeds", "2"], in: directory)
      #expect(new.status == 0, "\(new.errors)")
      #expect(new.output.contains("photos: 40 pictures of 2 classes, 20 to 20 of each, 28 x 28 pixels, gray"))
      #expect(new.output.contains("seeds           2\n                  as asked for\n"))
      #expect(new.output.contains("bulkhead study run mine\n"))
      #expect(new.output.split(separator: "\n").allSatisfy { $0.count <= 120 })
      for study in ["mine", "checkpoints/mine", "checkpoints/mine/study.yaml"] {
        let plan = try Command("study", "plan", study, in: directory)
        #expect(plan.status == 0 && plan.output.contains("domains"), "\(plan.errors)")
      }
      // It stays unless it is to be replaced.
      let again = try Command(arguments, in: directory)
      #expect(again.status == 64 && again.errors.contains("checkpoints/mine: it holds a study"), "\(again.errors)")
      let other = try Command(arguments + ["--overwrite", "--seeds", "3"], in: directory)
      #expect(other.status == 0 && other.output.contains("seeds           3\n"), "\(other.errors)")
    }
  }

  @Test func mistakesAreOneLine() throws {
    try withDirectory { directory in
      try writeImageFolder(directory + "/photos", first: 0)
      func errors(_ status: Int32, _ arguments: String...) throws -> String {
        let new = try Command(["study", "new", "mine"] + arguments, in: directory)
        #expect(new.status == status, "\(arguments): \(new.errors)")
        return new.errors
      }
      #expect(try errors(65, "--domain", "photos=photos").contains("one domain, photos"))
      #expect(
        try errors(66, "--domain", "photos=photos", "--domain", "b=nowhere").contains("nowhere: there is no such file"))
      #expect(try errors(65, "--domain", "a=photos", "--domain", "b=photos/").contains("are the same"))
      #expect(try errors(64, "--domain", "photos").contains("domain"))
      #expect(try errors(64, "--budget", "soon").contains("budget"))
      #expect(!FileManager.default.fileExists(atPath: directory + "/checkpoints/mine/study.yaml"))
      let run = try Command("study", "run", "mine", in: directory)
      #expect(run.status == 66 && run.errors.contains("no study of this name in checkpoints"), "\(run.errors)")
    }
  }
}
