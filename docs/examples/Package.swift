// swift-tools-version: 6.2
import PackageDescription

// A package of its own that uses the library as any program would; `make test` builds and runs it.
let package = Package(
  name: "BulkheadExamples",
  dependencies: [.package(name: "bulkhead", path: "../..")],
  targets: [
    // The tutorial of the documentation, as a program.
    .executableTarget(
      name: "Tutorial", dependencies: [.product(name: "Bulkhead", package: "bulkhead")],
      swiftSettings: [.treatAllWarnings(as: .error)]),
    // The code of the README.
    .executableTarget(
      name: "Readme", dependencies: [.product(name: "Bulkhead", package: "bulkhead")],
      swiftSettings: [.treatAllWarnings(as: .error)]),
    // The code of the articles.
    .target(
      name: "Articles", dependencies: [.product(name: "Bulkhead", package: "bulkhead")],
      swiftSettings: [.treatAllWarnings(as: .error)]),
  ]
)
