import Foundation
import Testing

/// The page shows the modules that are tested.
@Suite("The page on other tools' weights")
struct WeightPageTests {
  private let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test(arguments: ["torch_peer.py", "keras_peer.py", "mlx_peer.py"])
  func showsTheModuleThatIsTested(script: String) throws {
    func text(_ path: String) throws -> String {
      try String(contentsOf: repository.appending(path: path), encoding: .utf8)
    }
    let lines = try text("Tests/Interop/\(script)").components(separatedBy: "\n")
    let begin = try #require(lines.firstIndex(of: "# In docs/pytorch.md too, from here"))
    let end = try #require(lines.firstIndex(of: "# to here"))
    try #require(end > begin + 5)
    let code = lines[(begin + 1)..<end].joined(separator: "\n")
    #expect(try text("docs/pytorch.md").contains("\n\(code)\n"), "docs/pytorch.md must contain:\n\(code)")
  }
}
