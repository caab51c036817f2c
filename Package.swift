// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift module.
let common: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]
/// Modules that mark what is unsafe; Tensors, Kernels, HDF5 and Images hold pointers throughout.
let safe: [SwiftSetting] = common + [.strictMemorySafety()]

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let collections: Target.Dependency = .product(name: "OrderedCollections", package: "swift-collections")
/// Crash points and failing writes of the soak test; only a build with the trait has them.
let faults: Target.Dependency = .target(name: "Faults", condition: .when(traits: ["CrashPoints"]))
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// The plugin behind `make docs`; other builds, and packages that depend on this one, do not fetch it.
let documentation: [Package.Dependency] =
  Context.environment["BULKHEAD_DOCS"] == nil
  ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")]

func tests(_ modules: Target.Dependency..., named name: String, fixtures: Bool = false) -> Target {
  .testTarget(
    name: name, dependencies: modules + ["TestSupport"],
    resources: fixtures ? [.copy("Fixtures")] : [], swiftSettings: common)
}

let package = Package(
  name: "bulkhead",
  products: [
    .library(name: "Bulkhead", targets: ["Bulkhead"]),
    .executable(name: "bulkhead", targets: ["BulkheadCommand"]),
    .executable(name: "bulkhead-bench", targets: ["bulkhead-bench"]),
  ],
  traits: [
    .trait(name: "CrashPoints", description: "Places where make soak ends the process or makes writes fail."),
    .trait(name: "Fuzzing", description: "Tests/Fuzz becomes a target of libFuzzer; see make fuzz."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ] + documentation,
  targets: [
    // The modules, from the top down; each names the modules that it may import. Support and Tensors are open to all.
    .executableTarget(
      name: "BulkheadCommand",
      dependencies: [
        "Bulkhead", "Reports", "Studies", "Statistics", "Training", "Datasets", "Weights", "Networks", "Layers",
        "Distribution", "Kernels", "Serialization", "Tensors", "Support", arguments,
      ],
      swiftSettings: safe),
    .executableTarget(
      name: "bulkhead-bench",
      dependencies: [
        "Training", "Datasets", "Weights", "Optimizers", "Networks", "Layers", "Autodiff", "Kernels", "Tensors",
        "Support", arguments,
      ],
      swiftSettings: safe),
    .target(
      name: "Bulkhead",
      dependencies: [
        "Reports", "Studies", "Statistics", "Training", "Datasets", "Weights", "HDF5", "Optimizers", "Distribution",
        "Networks", "Layers", "Kernels", "Serialization", "Tensors", "Support",
      ],
      swiftSettings: safe),
    .target(
      name: "Reports",
      dependencies: [
        "Studies", "Statistics", "Training", "Datasets", "Images", "Optimizers", "Networks", "Layers", "Kernels",
        "Serialization", "Tensors", "Support",
      ],
      swiftSettings: safe),
    .target(
      name: "Studies",
      dependencies: [
        "Statistics", "Training", "Datasets", "Images", "Optimizers", "Networks", "Layers", "Autodiff", "Kernels",
        "Serialization", "Tensors", "Support",
      ],
      swiftSettings: safe),
    .target(name: "Statistics", dependencies: ["Tensors"], swiftSettings: safe),
    .target(
      name: "Training",
      dependencies: [
        "Statistics", "Datasets", "Weights", "Images", "Optimizers", "Distribution", "Networks", "Layers", "Autodiff",
        "Kernels", "Serialization", "Tensors", "Support",
      ],
      swiftSettings: safe),
    .target(
      name: "Datasets", dependencies: ["HDF5", "Images", "Serialization", "Tensors", "Support"], swiftSettings: safe),
    .target(
      name: "Weights", dependencies: ["HDF5", "Networks", "Kernels", "Serialization", "Tensors", "Support"],
      swiftSettings: safe),
    .target(name: "Serialization", dependencies: ["Support", yams], swiftSettings: safe),
    .target(name: "HDF5", dependencies: ["CHDF5", "Support"], swiftSettings: common),
    .target(name: "Images", dependencies: ["CTurboJPEG", "CImages", "Tensors", "Support"], swiftSettings: common),
    .target(
      name: "Optimizers", dependencies: ["Distribution", "Autodiff", "Kernels", "Tensors", "Support"],
      swiftSettings: safe),
    .target(name: "Distribution", dependencies: ["Tensors", "Support"], swiftSettings: safe),
    .target(
      name: "Networks", dependencies: ["Layers", "Autodiff", "Kernels", "Tensors", "Support"], swiftSettings: safe),
    .target(name: "Layers", dependencies: ["Autodiff", "Kernels", "Tensors", "Support"], swiftSettings: safe),
    .target(name: "Autodiff", dependencies: ["Kernels", "Tensors"], swiftSettings: safe),
    .target(name: "Kernels", dependencies: ["COneDNN", "CKernels", "Tensors", "Support"], swiftSettings: common),
    .target(name: "Tensors", dependencies: ["Support", collections], swiftSettings: common),
    .target(name: "Support", dependencies: ["CDeflate", "CZlib", faults], swiftSettings: safe),

    // C: own shims, then libraries of the system.
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl")]),
    .target(name: "CKernels"),
    .target(name: "CImages", dependencies: ["CPNG", "CTIFF", "CWebP"]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
    .systemLibrary(name: "CWebP", pkgConfig: "libwebpdemux", providers: [.apt(["libwebp-dev"])]),
    .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),

    .target(name: "Faults", path: "Tests/Soak/Faults", swiftSettings: common),

    // Tests: one target a module.
    .target(
      name: "TestSupport", dependencies: ["HDF5", "Distribution", "Tensors", "Autodiff", "Kernels"],
      path: "Tests/TestSupport", swiftSettings: common),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Bulkhead", "Studies", "Training", "Datasets", "Weights", "Images", "HDF5", "CHDF5", "Networks", "Layers",
        "Kernels", "Serialization", "Support", "Tensors",
      ],
      path: "Tests/FuzzTargets", swiftSettings: common),
    .executableTarget(
      name: "Fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz", exclude: ["run-fuzz"],
      swiftSettings: common + [.define("FUZZING", .when(traits: ["Fuzzing"]))]),
    tests("FuzzTargets", "Tensors", named: "FuzzTests", fixtures: true),
    tests("Support", named: "SupportTests", fixtures: true),
    tests("Serialization", "Support", named: "SerializationTests", fixtures: true),
    tests("Tensors", named: "TensorsTests"),
    tests("Distribution", "Tensors", named: "DistributionTests"),
    tests("Kernels", "CKernels", "Tensors", named: "KernelsTests", fixtures: true),
    tests("Autodiff", "Kernels", "Tensors", named: "AutodiffTests", fixtures: true),
    tests("Layers", "Autodiff", "Tensors", named: "LayersTests"),
    tests("Networks", "Layers", "Autodiff", "Kernels", "Tensors", named: "NetworksTests"),
    tests(
      "Optimizers", "Distribution", "Autodiff", "Kernels", "Support", "Tensors", named: "OptimizersTests",
      fixtures: true),
    tests("HDF5", "Support", named: "HDF5Tests", fixtures: true),
    tests("Images", "Tensors", named: "ImagesTests", fixtures: true),
    tests("Datasets", "HDF5", "Images", "Support", "Tensors", named: "DatasetsTests", fixtures: true),
    tests(
      "Weights", "Bulkhead", "HDF5", "Networks", "Layers", "Autodiff", "Kernels", "Support", "Tensors",
      named: "WeightsTests",
      fixtures: true),
    tests(
      "Training", "Statistics", "Datasets", "Weights", "Optimizers", "Distribution", "Networks", "Layers", "Autodiff",
      "Kernels", "Images", "HDF5", "Serialization", "Support", "Tensors", named: "TrainingTests", fixtures: true),
    .target(
      name: "StudyTestSupport",
      dependencies: [
        "Studies", "Training", "Datasets", "Images", "Networks", "Serialization", "Tensors", "Support",
      ],
      path: "Tests/StudyTestSupport", swiftSettings: common),
    tests("Statistics", "Tensors", named: "StatisticsTests", fixtures: true),
    tests(
      "Studies", "Statistics", "StudyTestSupport", "Training", "Datasets", "Weights", "Images", "Networks", "Layers",
      "Autodiff", "Kernels",
      "Serialization", "Support", "Tensors", named: "StudiesTests", fixtures: true),
    tests(
      "Reports", "Studies", "StudyTestSupport", "Training", "Datasets", "Images", "Support", "Tensors",
      named: "ReportsTests"),
    tests("Bulkhead", "Networks", "Weights", "Datasets", named: "BulkheadTests"),
    tests(
      "BulkheadCommand", "Bulkhead", "bulkhead-bench", "Datasets", "Weights", "Images", "Tensors",
      named: "CommandTests"),
  ]
)
