// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift room.
let common: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]
/// Rooms without unsafe pointers; the others (Tensors, Kernels, HDF5, Images) are the ones that may hold them.
let safe: [SwiftSetting] = common + [.strictMemorySafety()]

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let collections: Target.Dependency = .product(name: "OrderedCollections", package: "swift-collections")
/// Crash points and failing writes of the soak test; only a build with the trait has them.
let faults: Target.Dependency = .target(name: "Faults", condition: .when(traits: ["CrashPoints"]))
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

func tests(_ room: Target.Dependency..., named name: String, fixtures: Bool = false) -> Target {
  .testTarget(
    name: name, dependencies: room + ["TestSupport"],
    resources: fixtures ? [.copy("Fixtures")] : [], swiftSettings: common)
}

let package = Package(
  name: "bulkhead",
  products: [.executable(name: "bulkhead", targets: ["bulkhead"])],
  traits: [
    .trait(name: "CrashPoints", description: "Places where make soak ends the process or makes writes fail."),
    .trait(name: "Fuzzing", description: "Tests/Fuzz becomes a target of libFuzzer; see make fuzz."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // The rooms, from the street to the cellar; each names the rooms that it may import.
    .executableTarget(
      name: "bulkhead",
      dependencies: ["Studies", "Training", "Storage", "Networks", "Layers", "Kernels", "Tensors", arguments],
      swiftSettings: safe),
    .target(
      name: "Studies",
      dependencies: ["Training", "Storage", "Images", "Optimizers", "Networks", "Layers", "Kernels", "Tensors"],
      swiftSettings: safe),
    .target(
      name: "Training",
      dependencies: [
        "Storage", "Images", "Optimizers", "Networks", "Layers", "Autodiff", "Kernels", "Tensors", yams, faults,
      ],
      swiftSettings: safe),
    .target(
      name: "Storage", dependencies: ["HDF5", "Images", "CZlib", "Networks", "Kernels", "Tensors"],
      swiftSettings: safe),
    .target(name: "HDF5", dependencies: ["CHDF5", "CDeflate", "CZlib", faults], swiftSettings: common),
    .target(name: "Images", dependencies: ["CTurboJPEG", "CPNG"], swiftSettings: common),
    .target(name: "Optimizers", dependencies: ["Autodiff", "Kernels", "Tensors"], swiftSettings: safe),
    .target(name: "Networks", dependencies: ["Layers", "Autodiff", "Kernels", "Tensors"], swiftSettings: safe),
    .target(name: "Layers", dependencies: ["Autodiff", "Kernels", "Tensors"], swiftSettings: safe),
    .target(name: "Autodiff", dependencies: ["Kernels", "Tensors"], swiftSettings: safe),
    .target(name: "Kernels", dependencies: ["COneDNN", "CKernels", "Tensors"], swiftSettings: common),
    .target(name: "Tensors", dependencies: [collections], swiftSettings: common),

    // C: own shims, then libraries of the system.
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl")]),
    .target(name: "CKernels"),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),

    .target(name: "Faults", path: "Tests/Soak/Faults", swiftSettings: common),

    // Tests: one target a room.
    .target(
      name: "TestSupport", dependencies: ["HDF5", "Tensors", "Autodiff", "Kernels"],
      path: "Tests/TestSupport", swiftSettings: common),
    .target(
      name: "FuzzTargets",
      dependencies: ["Studies", "Training", "Storage", "Images", "HDF5", "CHDF5", "Networks", "Layers", "Kernels"],
      path: "Tests/FuzzTargets", swiftSettings: common),
    .executableTarget(
      name: "Fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz", exclude: ["run-fuzz"],
      swiftSettings: common + [.define("FUZZING", .when(traits: ["Fuzzing"]))]),
    tests("FuzzTargets", "Tensors", named: "FuzzTests", fixtures: true),
    tests("Tensors", named: "TensorsTests"),
    tests("Kernels", "CKernels", "Tensors", "HDF5", named: "KernelsTests", fixtures: true),
    tests("Autodiff", "Kernels", "Tensors", "HDF5", named: "AutodiffTests", fixtures: true),
    tests("Layers", "Autodiff", "Kernels", "Tensors", named: "LayersTests"),
    tests("Networks", "Layers", "Autodiff", "Kernels", "Tensors", named: "NetworksTests"),
    tests("Optimizers", "Autodiff", "Kernels", "Tensors", "HDF5", named: "OptimizersTests", fixtures: true),
    tests("HDF5", named: "HDF5Tests", fixtures: true),
    tests("Images", named: "ImagesTests", fixtures: true),
    tests(
      "Storage", "HDF5", "Images", "Networks", "Layers", "Autodiff", "Kernels", "Tensors", named: "StorageTests",
      fixtures: true),
    tests(
      "Training", "Storage", "Optimizers", "Networks", "Layers", "Autodiff", "Kernels", "Images", "HDF5", "Tensors",
      named: "TrainingTests"),
    tests(
      "Studies", "Training", "Storage", "Images", "Networks", "Layers", "Autodiff", "Kernels", "Tensors",
      named: "StudiesTests", fixtures: true),
    tests("bulkhead", "HDF5", "Storage", "Images", "Tensors", named: "CommandTests"),
  ]
)
