import Datasets

extension Parser {
  static let ts = Parser(
    name: "ts",
    seeds: [
      "# c\n@problemName x\n@univariate true\n@equalLength true\n@seriesLength 2\n@classLabel true a b\n@data\n"
        + "1,-2e1:a\n?,5:b\n",
      "@univariate false\r\n@dimensions 2\r\n@classLabel true\r\n@data\r\n1,2:10,20:é\r\n3,4,5:30,NaN,50:b\r\n",
      "@timestamps true\n@targetlabel true\n@data\n(0,1),(1.5,2):(0,3),(1.5,4):0.25\n"
        + "(2026-01-31 23:59:59.5,1):(2026-01-31 23:59:59.5,?):-7\n",
      "@timestamps true\n@missing false\n@classLabel false\n@data\n(1,1),(2,2)\n\n(3,3)",
    ].map { Array($0.utf8) },
    words: [
      "@problemName", "@timestamps", "@missing", "@univariate", "@dimensions", "@equalLength", "@seriesLength",
      "@targetlabel", "@classLabel", "@data\n", " true", " false", "NaN", "2026-01-31 23:59:59", "\r\n", "1e-9",
    ]
  ) { bytes in
    refusing("name") { () throws(DatasetError) in check(try LabeledSequences(ts: bytes, name: "name")) }
  }

  static let csv = Parser(
    name: "csv",
    // The first byte chooses the format.
    seeds: [
      "\u{0}1,2.5,-3,up\n4,?,6,down\n7,,,up\n",
      "\u{0}a;label;b\r\n1;\"x;\"\"y\"\"\";2\r\n3;\"two\r\nlines\";4\r\n",
      "\u{1}x1,y1,x2,y2,price\n1,2,3,4,0.5\n5,6,,,1e3\n",
      "\u{2}a\t1\t2\nb\t3\n",
      "\u{3}who,when,x,y,label\nb,1,1,2,p\na,2026-01-31 23:59:59,3,4,é\nb,2,5,6,p\na,2026-02-01,7,8,é\n",
      "\u{4}1,1,2\n1,3,4\n2,5,6\n1,7,8\n",
      "\u{5}0,1,2\n3,4,5\n",
    ].map { Array($0.utf8) },
    words: ["label", "class", "target", "who", "when", "\"\"", "\r\n", "NaN", "2026-01-31 23:59:59", "1e-9"]
  ) { bytes in
    guard let first = bytes.first else { return }
    let format = csvFormats[Int(first) % csvFormats.count]
    refusing("name") { () throws(DatasetError) in
      check(try LabeledSequences(csv: Array(bytes.dropFirst()), name: "name", format: format))
    }
  }
}

private let csvFormats = [
  CSVFormat(),
  CSVFormat(shape: .wide(featuresPerStep: 2), target: .numbers()),
  CSVFormat(target: .labels(column: "1")),
  CSVFormat(shape: .long(id: "who", time: "when", values: ["x", "y"])),
  CSVFormat(shape: .long(id: "1"), target: .none),
  CSVFormat(target: .none, delimiter: .comma, hasHeader: true),
]
