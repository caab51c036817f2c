#if CrashPoints
  internal import Faults
#endif

/// A place where the soak test ends the process; nothing at all in every build without the trait `CrashPoints`.
@inline(__always) package func crashPoint(_ name: StaticString) {
  #if CrashPoints
    Faults.reach("\(name)")
  #endif
}
