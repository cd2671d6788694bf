/// The version of this package, as in the CHANGELOG.
public let unrollVersion = "0.1.0"
