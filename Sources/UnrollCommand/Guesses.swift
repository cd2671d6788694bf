import ArgumentParser
import Unroll

/// What the argument parser says of a mistake, with a guess at what was meant where it has none of its own: it guesses
/// options, but neither values nor subcommands. Its lists of values become part of the sentence.
///
/// - Parameters:
///   - message: What it says.
///   - command: The command that was called.
///   - words: The command line.
/// - Returns: One line.
func withGuess(
  _ message: String, for command: any ParsableCommand.Type, words: [String] = CommandLine.arguments
) -> String {
  if let match = message.wholeMatch(of: /Unexpected argument '(.*)'/), !command.configuration.subcommands.isEmpty {
    let names = command.configuration.subcommands.map { $0._commandName }
    return "there is no subcommand '\(match.1)'\(guess(String(match.1), among: names))"
  }
  if let match = message.wholeMatch(of: /Missing value for '(--[a-z-]+) <.*>'/),
    let place = words.firstIndex(of: String(match.1)), let next = words.dropFirst(place + 1).first, Double(next) != nil
  {
    return "\(match.1): found \(next); expected a number that is not negative"
  }
  if let match = message.wholeMatch(of: /(The value '(.*)' is invalid for '(--[a-z-]+) <.*>')/),
    let expected = expected(of: String(match.3)) ?? (Double(match.2) == nil ? nil : "a whole number")
  {
    return "\(match.1): expected \(expected)"
  }
  guard let match = message.wholeMatch(of: /(?s)(The value '(.*)' is invalid for .+)\. Please provide one of(.+)/)
  else { return message }
  // Either one line for each value, or 'a', 'b' or 'c'.
  let lines = match.3.split(separator: "\n  - ").dropFirst()
  let values = lines.isEmpty ? match.3.matches(of: /'([^']+)'/).map { String($0.1) } : lines.map(String.init)
  // Of a list, the first part that is no value is to blame.
  let parts = match.2.split(separator: ",").map(String.init)
  let wrong = parts.first { !values.contains($0) } ?? String(match.2)
  return "\(match.1): expected one of \(values.joined(separator: ", "))\(guess(wrong, among: values))"
}

/// What a flag for a list, or for yes and no, expects; `nil` of other flags.
private func expected(of flag: String) -> String? {
  switch flag {
  case "--step-weights": "a schedule's name, or steps such as 7-28 or 1-6:0.5,7-28"
  case "--steps", "--lengths": "numbers from 1 on, such as 7,14 or 7-28"
  case "--learning-rates": "numbers above 0, such as 0.002,0.004"
  case "--csv-header": "true or false"
  default: nil
  }
}

/// Words that close a sentence: what was probably meant, if there is a name like it.
private func guess(_ typed: String, among names: [String]) -> String {
  closest(to: typed, among: names).map { "; did you mean '\($0)'?" } ?? ""
}

extension ParsableCommand {
  /// The command that such words call: "unroll data list", and perhaps flags.
  static func command(called words: some Collection<String>) -> any ParsableCommand.Type {
    guard let name = words.dropFirst().first,
      let command = configuration.subcommands.first(where: { $0._commandName == name })
    else { return self }
    return command.command(called: words.dropFirst())
  }
}
