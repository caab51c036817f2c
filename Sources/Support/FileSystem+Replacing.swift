internal import Glibc

/// What may be replaced by a file that is written.
extension FileSystem {
  /// The path of the file that a write replaces: the path itself, or the regular file that a link leads to.
  ///
  /// - Throws: `FileError` where something is there that is no regular file, such as a device, a pipe or a folder, or a link
  ///   that leads nowhere.
  package static func replaceable(_ path: String) throws(FileError) -> String {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return path }
    let isLink = status.st_mode & S_IFMT == S_IFLNK
    func refusal(_ what: String) -> FileError {
      FileError(
        what: isLink ? "it is a link to \(what)" : "it is \(what)", path: path,
        expected: "a file, or a name that nothing has", action: "choose another name")
    }
    let found = unsafe stat(path, &status)
    guard found == 0 else { throw refusal("nothing that is there") }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw refusal("a folder")
    case S_IFIFO: throw refusal("a pipe, which cannot be replaced")
    case S_IFSOCK: throw refusal("a socket, which cannot be replaced")
    default: throw refusal("a device, which cannot be replaced")
    }
    guard isLink else { return path }
    guard let resolved = unsafe realpath(path, nil) else { throw FileError.system("write it", path) }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// Checks that a file can be made at a path.
  ///
  /// - Throws: `FileError` where its folder is missing or cannot be written to.
  static func requireWritable(_ path: String) throws(FileError) {
    let folder = directory(of: path)
    guard unsafe access(folder, W_OK | X_OK) == 0 else {
      let code = errno
      guard code == ENOENT || code == ENOTDIR else { throw FileError.system("write it", path, code) }
      throw FileError(
        what: "there is no folder \(folder)", path: path, action: "make it, or choose another name", kind: .system)
    }
  }

  /// Whether a path lies on a medium that cannot be written to.
  package static func isReadOnly(_ path: String) -> Bool {
    unsafe access(path, W_OK) != 0 && errno == EROFS
  }

  /// Whether two paths are of one file or folder that is there; links are followed.
  package static func areSame(_ first: String, _ second: String) -> Bool {
    var (one, two) = (stat(), stat())
    guard unsafe stat(first, &one) == 0, unsafe stat(second, &two) == 0 else { return false }
    return one.st_dev == two.st_dev && one.st_ino == two.st_ino
  }

  /// The paths of the folders that a file lies in, links followed, the nearest first; none where its folder is not there.
  package static func foldersAbove(_ path: String) -> [String] {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard let resolved = unsafe realpath(folder, nil) else { return [] }
    defer { unsafe free(resolved) }
    var folders = [unsafe String(cString: resolved)]
    while let last = folders.last, last != "/", let slash = last.lastIndex(of: "/") {
      folders.append(slash == last.startIndex ? "/" : String(last[..<slash]))
    }
    return folders
  }
}
