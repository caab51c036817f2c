/// The blocks of a GIF file (CompuServe, GIF89a).
struct GIFReader {
  /// The first frame on its canvas.
  struct Frame {
    let height: Int
    let width: Int
    let indices: [UInt8]
    let palette: Palette
    let transparent: UInt8?
  }

  /// Why a file is not read.
  enum Refusal: Error {
    /// It ends early, or something in it has no meaning.
    case damaged
    /// The caller does not take a canvas of this extent.
    case extent(height: Int, width: Int)
  }

  private let file: ImageBytes
  private var place = 13

  init(_ bytes: [UInt8]) { file = ImageBytes(bytes) }

  /// Reads the first frame and counts all, up to the trailer.
  /// - Parameter takes: whether a canvas of so many rows and columns may be decoded.
  mutating func read(
    _ takes: (_ height: Int, _ width: Int) -> Bool
  ) throws(Refusal) -> (first: Frame?, frames: Int?) {
    guard let width = file.little(2, at: 6), let height = file.little(2, at: 8), let flags = file.little(1, at: 10),
      file.slice(2, at: 11) != nil
    else { throw .damaged }
    let shared = try palette(flags)
    var (first, frames, transparent): (Frame?, Int, UInt8?) = (nil, 0, nil)
    while true {
      switch try number(1) {
      case 0x2C:
        let (left, top) = (try number(2), try number(2))
        let (columns, rows) = (try number(2), try number(2))
        let flags = try number(1)
        let own = try palette(flags)
        let codeSize = try number(1)
        let parts = try subBlocks(keeping: frames == 0)
        frames += 1
        guard frames == 1 else { continue }
        // As in Pillow, a frame that is larger than the canvas makes it larger.
        let canvas = (height: max(height, top + rows), width: max(width, left + columns))
        guard takes(canvas.height, canvas.width) else {
          throw .extent(height: canvas.height, width: canvas.width)
        }
        guard let indices = LZWDecoder(parts, codeSize: codeSize)?.indices(rows * columns) else { throw .damaged }
        let isInterlaced = flags & 0x40 != 0
        var whole = [UInt8](repeating: transparent ?? 0, count: canvas.height * canvas.width)
        let order = isInterlaced ? Self.interlacedRows(rows) : Array(0..<rows)
        for (stored, row) in order.enumerated() {
          let target = (top + row) * canvas.width + left
          whole.replaceSubrange(target..<target + columns, with: indices[stored * columns..<(stored + 1) * columns])
        }
        let gray = Palette((0...255).map { [$0, $0, $0] })
        first = Frame(
          height: canvas.height, width: canvas.width, indices: whole, palette: own ?? shared ?? gray,
          transparent: transparent)
      case 0x21:
        let isControl = try number(1) == 0xF9
        let content = try subBlocks(keeping: isControl && frames == 0)
        if isControl, frames == 0, content.count == 4 { transparent = content[0] & 1 == 1 ? content[3] : nil }
      case 0x3B: return (first, frames)
      // Some writers pad blocks with zeros.
      case 0: continue
      default: throw .damaged
      }
    }
  }

  private mutating func number(_ size: Int) throws(Refusal) -> Int {
    guard let number = file.little(size, at: place) else { throw .damaged }
    place += size
    return number
  }

  private mutating func palette(_ flags: Int) throws(Refusal) -> Palette? {
    guard flags & 0x80 != 0 else { return nil }
    let count = 2 << (flags & 7)
    guard let bytes = file.slice(3 * count, at: place) else { throw .damaged }
    place += 3 * count
    return Palette(stride(from: bytes.startIndex, to: bytes.endIndex, by: 3).map { Array(bytes[$0..<$0 + 3]) })
  }

  /// The bytes of blocks up to an empty one; nothing unless they are kept.
  private mutating func subBlocks(keeping: Bool) throws(Refusal) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let size = try number(1)
      if size == 0 { return bytes }
      guard let block = file.slice(size, at: place) else { throw .damaged }
      if keeping { bytes += block }
      place += size
    }
  }

  /// The rows in the order of the four passes.
  private static func interlacedRows(_ count: Int) -> [Int] {
    [(0, 8), (4, 8), (2, 4), (1, 2)].flatMap { Array(stride(from: $0, to: count, by: $1)) }
  }
}
