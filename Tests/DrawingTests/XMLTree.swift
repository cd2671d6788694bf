import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// An XML element as a real parser reads it.
final class XMLTree {
  let name: String
  let attributes: [String: String]
  fileprivate(set) var children: [XMLTree] = []
  fileprivate(set) var text = ""

  fileprivate init(name: String, attributes: [String: String]) {
    self.name = name
    self.attributes = attributes
  }

  struct NotWellFormed: Error {}

  /// The root of `xml`; throws if that is not well-formed.
  static func parse(_ xml: String) throws -> XMLTree {
    let parser = XMLParser(data: Data(xml.utf8))
    let builder = TreeBuilder()
    parser.delegate = builder
    guard parser.parse(), let root = builder.root else { throw parser.parserError ?? NotWellFormed() }
    return root
  }

  /// The element and all elements below it, in the order of the file.
  var all: [XMLTree] { [self] + children.flatMap(\.all) }

  func all(_ name: String, class wanted: String? = nil) -> [XMLTree] {
    all.filter { element in element.name == name && (wanted.map { element.classes.contains($0) } ?? true) }
  }

  var classes: [String] { attributes["class", default: ""].split(separator: " ").map(String.init) }

  /// A numeric attribute.
  func number(_ attribute: String) throws -> Double {
    struct Missing: Error { let attribute: String }
    guard let value = attributes[attribute].flatMap(Double.init) else { throw Missing(attribute: attribute) }
    return value
  }

  /// The points of a path that is made of M, L and Z only.
  var pathPoints: [[Double]] {
    (attributes["d"] ?? "").split { "MLZ".contains($0) }
      .map { $0.split(separator: ",").compactMap { Double($0) } }
  }
}

private final class TreeBuilder: NSObject, XMLParserDelegate {
  private var open: [XMLTree] = []
  private(set) var root: XMLTree?

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    let element = XMLTree(name: name, attributes: attributes)
    open.last?.children.append(element)
    if root == nil { root = element }
    open.append(element)
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { open.last?.text += string }
}
