// swift-tools-version: 6.2
import PackageDescription

// A package of its own, as a user's is: it takes the library as a product and sees its public part alone.
let examples = ["SineOrSquare", "StopEarly", "NextNumber"]

let package = Package(
  name: "Examples",
  platforms: [.macOS(.v15)],
  products: examples.map { .executable(name: $0, targets: [$0]) },
  dependencies: [.package(name: "Unroll", path: "..")],
  targets: examples.map {
    .executableTarget(name: $0, dependencies: [.product(name: "Unroll", package: "Unroll")])
  },
  swiftLanguageModes: [.v6]
)
