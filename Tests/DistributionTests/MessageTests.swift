import Distribution
import Testing

/// What is written is read, bit for bit.
@Suite struct MessageTests {
  @Test func everythingComesBack() {
    var inner = Message()
    inner.add(-7)
    var message = Message()
    message.add(Int.min)
    message.add(Double.nan)
    message.add(-0.0)
    message.add([3, 1, 2])
    message.add("größer\n")
    message.add("")
    message.add(inner)
    var read = Message(message.bytes)
    #expect(read.number() == .min)
    #expect(read.double().isNaN)
    #expect(read.double().bitPattern == (-0.0).bitPattern)
    #expect(read.list() == [3, 1, 2])
    #expect(read.text() == "größer\n" && read.text().isEmpty)
    var back = read.message()
    #expect(back.number() == -7 && back.isAtEnd && read.isAtEnd)
  }
}
