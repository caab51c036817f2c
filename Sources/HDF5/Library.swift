internal import CHDF5
internal import Glibc

/// Access to libhdf5: one lock for the whole process, and the setup before the first call.
///
/// Debian's libhdf5 has a lock of its own, other builds do not. This lock also keeps each error stack with its call.
package enum Library {
  /// Takes the lock; calls can nest. Pair with `leave` in a `defer`.
  static func enter() {
    pthread_mutex_lock(lock.mutex)
    _ = isStarted
    // A libhdf5 with a lock of its own has this setting per thread.
    H5Eset_auto2(0, nil, nil)
  }

  /// Releases the lock.
  static func leave() { pthread_mutex_unlock(lock.mutex) }

  /// The version of libhdf5, such as "1.14.5".
  package static var version: String {
    enter()
    defer { leave() }
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    H5get_libversion(&major, &minor, &release)
    return "\(major).\(minor).\(release)"
  }

  /// The number of open HDF5 objects of this process, of every kind: files, groups, datasets, types, spaces …
  package static var openObjectCount: Int {
    enter()
    defer { leave() }
    // Our handles, and the objects of files that libhdf5 knows: either both are 0 or neither.
    return max(handleCount, H5Fget_obj_count(h5_all_files(), h5_all_objects()))
  }

  /// The number of live handles; accessed only under the lock.
  nonisolated(unsafe) static var handleCount = 0

  /// Why datasets lost values when they closed, by file; accessed only under the lock.
  nonisolated(unsafe) static var lostValues: [String: String] = [:]

  private static let lock = RecursiveLock()

  private static let isStarted: Bool = {
    // After a full disk libhdf5 1.10 crashes in its exit handler, which is not needed: every handle closes itself.
    H5dont_atexit()
    H5open()
    // A link into another file could read files that the user never named: without the link class, none is followed.
    H5Lunregister(H5L_TYPE_EXTERNAL)
    // A file must not load code into this process: no filter plugins.
    H5PLset_loading_state(0)
    // A write beyond a file-size limit must be an error (EFBIG), not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    return true
  }()
}

/// A recursive mutex that lives as long as the process.
private final class RecursiveLock: Sendable {
  nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }
}
