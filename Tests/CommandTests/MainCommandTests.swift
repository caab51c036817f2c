import Bulkhead
import Testing

@Suite struct MainCommandTests {
  @Test func versionIsThatOfTheLibrary() throws {
    let command = try Command("--version")
    #expect(command.status == 0 && command.errors == "")
    #expect(command.output == BulkheadVersion.current + "\n")
    #expect(BulkheadVersion.current.wholeMatch(of: /\d+\.\d+\.\d+(-dev)?/) != nil)
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completionsKnowEverySubcommand(shell: String) throws {
    let command = try Command("--generate-completion-script", shell)
    #expect(command.status == 0)
    for name in ["prepare", "train", "resume", "evaluate", "verify", "inspect", "convert", "features", "study"] {
      #expect(command.output.contains(name))
    }
  }
}
