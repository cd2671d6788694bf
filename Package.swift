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
  traits: [
    .trait(
      name: "ONNX",
      description: "Models as ONNX files. Fetches and builds swift-protobuf, which takes longer than all the rest.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // Of the trait ONNX alone: without it, neither fetched nor built.
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    // The command line: parses, calls, prints.
    .executableTarget(
      name: "UnrollCommand",
      dependencies: ["Unroll", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
    // Everything that a user of the library needs, under one import.
    .target(
      name: "Unroll",
      dependencies: ["Tensors", "Recurrent", "Datasets", "Training", "Interchange", "InterchangeONNX", "Drawing"]),
    // Models and logs in other tools' formats.
    .target(name: "Interchange", dependencies: ["Training"]),
    // Models as files of ONNX; what needs protocol buffers is empty without the trait ONNX.
    .target(
      name: "InterchangeONNX",
      dependencies: [
        "Training",
        .product(name: "SwiftProtobuf", package: "swift-protobuf", condition: .when(traits: ["ONNX"])),
      ],
      exclude: ["Wire/onnx.proto", "Wire/generate"]),
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

    // What the tests of several targets need.
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CKernels", "OpCases"]),
    .testTarget(name: "RecurrentTests", dependencies: ["Recurrent", "Tensors", "OpCases"]),
    .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "CZlib"]),
    .testTarget(name: "DrawingTests", dependencies: ["Drawing"]),
    .testTarget(name: "TrainingTests", dependencies: ["TestSupport", "Training", "Datasets", "Recurrent", "Tensors"]),
    // What is written, compiled and run.
    .testTarget(
      name: "InterchangeTests",
      dependencies: ["TestSupport", "Interchange", "Training", "Datasets", "Recurrent", "Tensors"]),
    .testTarget(
      name: "InterchangeONNXTests",
      dependencies: ["TestSupport", "InterchangeONNX", "Training", "Datasets", "Recurrent", "Tensors"],
      exclude: ["Fixtures", "Support/onnx_runtime.py"]),
    // The command line as a whole process; building these tests builds the command.
    .testTarget(name: "CommandTests", dependencies: ["UnrollCommand", "Unroll", "CZlib"]),
    // The README's example, compiled and run.
    .testTarget(name: "ExampleTests", dependencies: ["Unroll"]),
  ],
  swiftLanguageModes: [.v6]
)
