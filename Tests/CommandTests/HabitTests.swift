import Foundation
import Testing

/// What people who use command lines expect besides: completions, and JSON whose shape is written down.
@Suite("Habits")
struct HabitTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    let script = try sandbox.unroll("--generate-completion-script", shell)
    expectQuietSuccess(script)
    for word in ["train", "learning-rate", "layer-norm-lstm", "fashion-mnist", "safetensors"] {
      #expect(script.output.contains(word), "\(word)")
    }
    guard shell == "bash" else { return }
    try sandbox.write(Data(script.output.utf8), to: "unroll.bash")
    #expect(try sandbox.shell("bash -n unroll.bash").status == 0)
    // As the shell would ask: which words can stand behind these?
    let answers = try sandbox.shell(
      """
      bash -c '
      PATH="$(dirname "$UNROLL"):$PATH"
      source unroll.bash
      COMP_WORDS=(unroll train --cell l); COMP_CWORD=3; COMP_LINE="unroll train --cell l"; COMP_POINT=${#COMP_LINE}
      COMP_TYPE=9; _unroll unroll l --cell; printf "%s\\n" "${COMPREPLY[@]}"'
      """)
    #expect(answers.output.split(separator: "\n") == ["lstm", "layer-norm-lstm"], "\(answers.errors)")
  }

  /// Each subcommand with `--json` has a schema, which knows its name.
  @Test func everyJSONHasASchema() throws {
    let help = try sandbox.unroll("--experimental-dump-help")
    expectQuietSuccess(help)
    let commands = try #require((help.object()["command"] as? [String: Any])?["subcommands"] as? [[String: Any]])
    let names = commands.filter { command in
      (command["arguments"] as? [[String: Any]])?.contains { $0["valueName"] as? String == "json" } == true
    }.compactMap { $0["commandName"] as? String }
    #expect(names.count >= 11)
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/schemas")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(files) == Set(names.map { "\($0).schema.json" }))
    for name in names {
      let data = try Data(contentsOf: folder.appending(path: "\(name).schema.json"))
      let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
      // Some commands print one of several kinds of results.
      for kind in schema["oneOf"] as? [[String: Any]] ?? [schema] {
        let properties = try #require(kind["properties"] as? [String: Any])
        let constant = (properties["schema"] as? [String: Any])?["const"] as? String
        #expect(constant?.wholeMatch(of: try Regex("unroll\\.\(name)/\\d+")) != nil, "\(name)")
        #expect(
          kind["additionalProperties"] as? Bool == false
            && (kind["required"] as? [String])?.contains("schema") == true)
      }
    }
  }

  @Test func theOutputSaysWhichSchema() throws {
    expectQuietSuccess(
      try sandbox.unroll(["train", "bars", "--output", "run", "--quiet", "--validation", "30"] + quickly))
    for arguments in [
      ["steps", "run"], ["evaluate", "run"], ["predict", "run", "0"], ["inspect", "run"], ["report", "run"],
    ] {
      let outcome = try sandbox.unroll(arguments + ["--json"])
      expectQuietSuccess(outcome)
      #expect(try outcome.object()["schema"] as? String == "unroll.\(arguments[0])/1")
    }
  }
}
