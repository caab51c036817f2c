import Serialization
import Testing

@Suite struct EventFileTests {
  @Test func eventFilesAreRecordsOfEvents() throws {
    // The check value of CRC-32C.
    #expect(EventFile.checksum(Array("123456789".utf8)) == 0xE306_9283)
    let bytes = EventFile.header + EventFile.event(step: 300, values: ["loss": 0.5, "wild": .nan])
    func length(at place: Int) -> Int { Int(bytes[place]) | Int(bytes[place + 1]) << 8 }
    let first = length(at: 0)
    let second = length(at: 16 + first)
    #expect(bytes.count == 32 + first + second)
    // wall_time (9 bytes), step 300 as a varint, a summary of one value: tag "loss" and simple_value 0.5.
    let event = Array(bytes[(16 + first + 12)...].prefix(second))
    #expect(
      event.suffix(second - 9) == [0x10, 0xAC, 0x02, 0x2A, 13, 0x0A, 11, 0x0A, 4] + Array("loss".utf8) + [
        0x15, 0, 0, 0, 0x3F,
      ])
  }
}
