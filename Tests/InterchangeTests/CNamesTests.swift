import Interchange
import Testing

/// What files and functions may be called.
@Suite("Names in C")
struct CNamesTests {
  @Test(arguments: [
    ("net.c", "net"), ("my net.c", "my_net"), ("my-net.v2.c", "my_net_v2"), ("2nets.c", "model_2nets"),
    ("_net_.c", "net"), ("数字.c", "model"), ("数字2.c", "model_2"), ("é-net.c", "net"), ("a__b.c", "a_b"),
    ("int.c", "int"), (".c", "model"), ("net", "net"), ("Net.c", "Net"), ("a*/b.c", "a_b"),
  ])
  func aFileNameBecomesAnIdentifier(file: String, name: String) {
    #expect(CNetwork.name(forFile: file) == name)
    #expect(CNetwork.isIdentifier(CNetwork.name(forFile: file)))
  }

  @Test(arguments: ["", "2net", "_net", "my net", "é", "a-b", "net\n", "a.b", "net;"])
  func whatIsNoIdentifier(name: String) {
    #expect(!CNetwork.isIdentifier(name))
  }

  @Test(arguments: [
    ("net.c", true), ("my net.c", true), ("数字.c", true), ("it's.c", true), ("net", false), ("net.h", false),
    (".c", false), ("a\"b.c", false), ("a\\b.c", false), ("a??=b.c", false), ("a\nb.c", false), ("a\u{202e}b.c", false),
    ("net.C", false),
  ])
  func whatASourceFileMayBeCalled(file: String, isGood: Bool) {
    #expect(CNetwork.isFileName(file) == isGood)
  }
}
