internal import CHDF5
internal import Glibc

/// The one door to libhdf5: a lock for the whole process, and what must be set up before the first call.
///
/// Debian's libhdf5 locks itself, others do not; the lock here also keeps each error stack with its call.
package enum Library {
  /// Enters libhdf5; calls may nest. Pair with `leave` through `defer`.
  static func enter() {
    pthread_mutex_lock(lock.mutex)
    _ = isStarted
    // A libhdf5 that locks itself keeps these settings for each thread.
    H5Eset_auto2(0, nil, nil)
  }

  static func leave() { pthread_mutex_unlock(lock.mutex) }

  /// Its version, such as "1.14.5".
  package static var version: String {
    enter()
    defer { leave() }
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    H5get_libversion(&major, &minor, &release)
    return "\(major).\(minor).\(release)"
  }

  /// How many HDF5 objects this process holds open, of every kind: files, groups, datasets, types, spaces …
  package static var openObjectCount: Int {
    enter()
    defer { leave() }
    // The first is what we opened, the second what libhdf5 knows of in files; equal to zero together or not at all.
    return max(handleCount, H5Fget_obj_count(h5_all_files(), h5_all_objects()))
  }

  /// Handles alive; changed and read inside the door only.
  nonisolated(unsafe) static var handleCount = 0

  /// Why datasets lost values when they were closed, by file; changed and read inside the door only.
  nonisolated(unsafe) static var lostValues: [String: String] = [:]

  private static let lock = RecursiveLock()

  private static let isStarted: Bool = {
    // After a full disk libhdf5 1.10 crashes in its exit handler; every handle here is closed without it.
    H5dont_atexit()
    H5open()
    // A link into another file is a way to read files that the user never named: no class, no traversal.
    H5Lunregister(H5L_TYPE_EXTERNAL)
    // A file must not choose code for this process: no filters from plugins.
    H5PLset_loading_state(0)
    // Writing beyond a file-size limit shall be an error (EFBIG), not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    return true
  }()
}

/// A mutex that its owner may lock again; lives as long as the process.
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
