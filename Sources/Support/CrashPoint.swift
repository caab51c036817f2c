#if CrashPoints
  internal import Faults
#endif

/// A point where the soak test ends the process; does nothing in builds without the trait `CrashPoints`.
@inline(__always) package func crashPoint(_ name: StaticString) {
  #if CrashPoints
    Faults.reach("\(name)")
  #endif
}
