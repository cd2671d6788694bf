import Drawing
import Testing

@Suite struct TerminalTests {
  @Test func barsInEighths() {
    let style = TerminalStyle()
    #expect(style.bar(0.73, width: 20) == "██████████████▋     ")
    #expect(style.bar(0, width: 4) == "    ")
    #expect(style.bar(1, width: 4) == "████")
    #expect(style.bar(1.0 / 32, width: 4) == "▏   ")
    #expect(style.bar(31.0 / 32, width: 4) == "███▉")
    #expect(style.bar(0.5, width: 0) == "")
  }

  @Test func barsInASCII() {
    let style = TerminalStyle(characters: .ascii)
    #expect(style.bar(0.73, width: 20) == "###############     ")
    #expect(style.bar(0.1, width: 4) == "    ")
  }

  @Test(arguments: [(-1.0, "    "), (2, "████"), (.nan, "    "), (.infinity, "████"), (-.infinity, "    ")])
  func barsOfImpossibleFractions(fraction: Double, expected: String) {
    #expect(TerminalStyle().bar(fraction, width: 4) == expected)
  }

  @Test func tableAlignsNumbersRightAndTextLeft() {
    let table = TextTable(
      header: ["rows", "accuracy", "note", "wide"],
      rows: [["1", "9.8 %", "手書き", "x"], ["28", "98.9 %", "e\u{301}", "y"], ["", "nan", "plain text", "z"]])
    #expect(
      table.text() == """
        rows  accuracy  note        wide
        ────  ────────  ──────────  ────
           1     9.8 %  手書き      x
          28    98.9 %  e\u{301}           y
                   nan  plain text  z
        """)
    #expect(
      TextTable(header: ["a", "b"], rows: [["x\ny", "-1.5e-3"]]).text(style: .init(characters: .ascii)) == """
        a          b
        ---  -------
        x y  -1.5e-3
        """)
  }

  @Test func colorsTakeNoRoomInATable() {
    let style = TerminalStyle(usesColor: true)
    let colored = TextTable(header: ["n"], rows: [["\u{1B}[1m7\u{1B}[0m"], ["100"]])
    #expect(colored.text(style: style).withoutColors == TextTable(header: ["n"], rows: [["7"], ["100"]]).text())
    #expect(colored.text(style: style).hasPrefix("\u{1B}[1m"))
  }

  @Test(arguments: [
    ("abc", 3), ("手書き", 6), ("한글", 4), ("e\u{301}", 1), ("😀", 2), ("❤\u{FE0F}", 2), ("─●⠉█", 4),
    ("\u{1B}[1;31mred\u{1B}[0m", 3),
    ("a\u{7}b", 2), ("", 0),
  ])
  func columns(text: String, expected: Int) {
    #expect(text.terminalColumns == expected)
  }

  @Test func truncation() {
    let style = TerminalStyle()
    #expect("abcdef".truncated(to: 6, style: style) == "abcdef")
    #expect("abcdef".truncated(to: 4, style: style) == "abc…")
    // A wide character that does not fit goes as a whole.
    #expect("手書き".truncated(to: 4, style: style) == "手…")
    #expect("abc".truncated(to: 0, style: style) == "")
  }

  @Test func styleFollowsTheEnvironment() {
    func style(_ environment: [String: String], terminal: Bool = true) -> TerminalStyle {
      TerminalStyle(environment: environment, isTerminal: terminal)
    }
    #expect(style(["LANG": "en_US.UTF-8"]) == TerminalStyle(characters: .unicode, usesColor: true))
    #expect(style(["LANG": "de_DE.utf8"], terminal: false) == TerminalStyle(characters: .unicode, usesColor: false))
    #expect(style([:]).characters == .ascii)
    #expect(style(["LANG": "en_US.UTF-8", "LC_ALL": "C"]).characters == .ascii)
    #expect(style(["LANG": "C", "LC_CTYPE": "C.UTF-8", "LC_ALL": ""]).characters == .unicode)
    #expect(style(["NO_COLOR": "1"]).usesColor == false)
    #expect(style(["NO_COLOR": ""]).usesColor)
    #expect(style(["TERM": "dumb"]).usesColor == false)
  }
}
