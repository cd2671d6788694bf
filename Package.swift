// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Unroll",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Unroll", targets: ["Unroll"]),
    .executable(name: "unroll", targets: ["UnrollCommand"]),
    .executable(name: "opcheck", targets: ["opcheck"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    // The command line: parses, calls, prints.
    .executableTarget(
      name: "UnrollCommand",
      dependencies: ["Unroll", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
    // Everything that a user of the library needs, under one import.
    .target(
      name: "Unroll", dependencies: ["Tensors", "Recurrent", "Datasets", "Training", "Drawing", "Interchange"]),
    // Models and logs in other tools' formats.
    .target(name: "Interchange", dependencies: ["Training"]),
    // Makes a model good and says how good.
    .target(name: "Training", dependencies: ["Recurrent", "Datasets"]),
    // Turns files into sequences and labels.
    .target(
      name: "Datasets", dependencies: ["Tensors", "CZlib"],
      resources: [.embedInCode("Resources/fetch_dataset.py")]),
    // What a network is.
    .target(name: "Recurrent", dependencies: ["Tensors"]),
    // Charts as SVG and terminal text, from plain numbers.
    .target(name: "Drawing"),
    // Numbers with a shape, on a device, and the differentiable ops on them.
    .target(name: "Tensors", dependencies: ["CKernels"]),
    // The arithmetic in C.
    .target(name: "CKernels"),
    // Every op at certain shapes, with a reference in double precision.
    .target(name: "OpCases", dependencies: ["Tensors", "CKernels"]),
    // Checks the ops on the machine that it is carried to.
    .executableTarget(name: "opcheck", dependencies: ["OpCases", "Tensors"]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CKernels", "OpCases"]),
    .testTarget(name: "RecurrentTests", dependencies: ["Recurrent", "Tensors", "OpCases"]),
    .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "CZlib"]),
    .testTarget(name: "DrawingTests", dependencies: ["Drawing"]),
    .testTarget(name: "TrainingTests", dependencies: ["Training", "Datasets", "Recurrent", "Tensors"]),
    .testTarget(
      name: "InterchangeTests", dependencies: ["Interchange", "Training", "Datasets", "Recurrent", "Tensors"]),
    // The command line as a whole process; building these tests builds the command.
    .testTarget(name: "CommandTests", dependencies: ["UnrollCommand", "Unroll", "CZlib"]),
    // The README's example, compiled and run.
    .testTarget(name: "ExampleTests", dependencies: ["Unroll"]),
  ],
  swiftLanguageModes: [.v6]
)
