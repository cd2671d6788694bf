import Foundation

/// A web server in a child process that serves a folder on a free port of this machine, well or badly.
final class TestServer {
  /// How it misbehaves.
  enum Mode: String {
    /// Not at all; resumes transfers.
    case fine
    /// Answers Range requests with the whole file.
    case withoutRange
    /// Sends one byte after the other, long pauses between them.
    case drip
    /// Accepts the connection and never answers.
    case silent
    /// Breaks off half-way, once for each file.
    case cutOnce
    /// Breaks off half-way, once for each file, and does not resume.
    case cutOnceWithoutRange
    /// Announces more than it sends.
    case announcesTooMuch
    /// Announces, and sends, only half.
    case announcesTooLittle
    /// Sends the right number of wrong bytes.
    case wrongBytes
    /// Sends without end.
    case endless
    /// Has nothing.
    case notFound
    /// Takes half a second before each file.
    case hesitant
  }

  let url: String
  private let process = Process()
  /// Its end tells the server to go, also when this process is killed.
  private let lifeline = Pipe()
  private let log: String

  /// Starts serving and returns once the port is open.
  init(_ mode: Mode, folder: TemporaryFolder) throws {
    log = folder.path + "/requests.log"
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.program, mode.rawValue, folder.path, log]
    process.standardInput = lifeline
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = output.fileHandleForReading.availableData
    url = "http://127.0.0.1:" + String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines)
  }

  deinit {
    try? lifeline.fileHandleForWriting.close()
  }

  /// The requests so far, each as "PATH" or "PATH RANGE".
  func requests() throws -> [String] {
    guard FileManager.default.fileExists(atPath: log) else { return [] }
    return try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  private static let program = #"""
    import http.server, os, sys, threading, time
    mode, folder, log = sys.argv[1:]
    seen = set()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = self.headers.get("Range", "")
            with open(log, "a") as file:
                file.write((self.path + " " + wanted).strip() + "\n")
            if mode == "silent":
                time.sleep(60)
            if mode == "hesitant":
                time.sleep(0.5)
            path = folder + self.path
            if mode == "notFound" or not os.path.isfile(path):
                return self.send_error(404)
            with open(path, "rb") as file:
                content = file.read()
            if mode == "wrongBytes":
                content = bytes(byte ^ 255 for byte in content)
            start = 0
            if wanted and "ithoutRange" not in mode:
                start = int(wanted[len("bytes="):-1])
                if start >= len(content):
                    return self.send_error(416)
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            else:
                self.send_response(200)
            rest = content[start:]
            announced = len(rest)
            if mode == "announcesTooMuch":
                announced += 100
            if mode == "announcesTooLittle":
                announced //= 2
            if mode != "endless":
                self.send_header("Content-Length", str(announced))
            self.end_headers()
            if mode == "drip":
                for byte in rest:
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.1)
            elif mode == "endless":
                while True:
                    self.wfile.write(content)
            elif "cutOnce" in mode and self.path not in seen:
                seen.add(self.path)
                self.wfile.write(rest[:len(rest) // 2])
            else:
                self.wfile.write(rest)

    def end_with_parent():
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=end_with_parent, daemon=True).start()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
    """#
}
