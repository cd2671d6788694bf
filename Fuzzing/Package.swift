// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who uses the library builds it. `.ci/fuzz` builds it as it has to be built. What
// writes seeds, `Encoders`, is linked from the tests.
let package = Package(
  name: "fuzz",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Unroll", path: "..", traits: ["ONNX"])],
  targets: [
    .executableTarget(name: "fuzz", dependencies: ["CFuzzer", .product(name: "Unroll", package: "Unroll")]),
    // The one function of libFuzzer that is called by name.
    .target(name: "CFuzzer"),
  ],
  swiftLanguageModes: [.v6]
)
