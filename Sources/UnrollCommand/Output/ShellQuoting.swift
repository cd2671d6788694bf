/// A path as one would type it in a shell: in quotes if it holds anything special, and never like a flag.
func shellQuoted(_ path: String) -> String {
  let path = path.hasPrefix("-") ? "./" + path : path
  if path.wholeMatch(of: /[A-Za-z0-9_@%+=:,.\/-]+/) != nil { return path }
  return "'" + path.replacing("'", with: "'\\''") + "'"
}
