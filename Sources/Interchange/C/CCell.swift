import Recurrent
import Tensors

/// How one step of a recurrent layer is written in C.
///
/// The functions see `state` (`h`, `c` where there is a cell state, `z` as room for sums), the layer's number `index`, and
/// `x`, what it reads. Rows of a matrix, as of `z`, are those of all gates, one gate below the other.
struct CCell {
  /// A field of a layer besides its two matrices: one number for each unit of some gates.
  struct Vector {
    let name: String
    /// In units of the hidden size.
    let length: Int
    let comment: String
    /// Where the numbers begin in the layer's bias, or in its scales; in units of the hidden size.
    let source: Source

    enum Source {
      case bias(Int)
      case scales(Int)
      /// The bias of an input layer that is folded in; zeros where there is none.
      case foldedBias(Int)
    }

    /// The vector's numbers in a layer.
    func numbers(in layer: SequenceLayer) -> [Float] {
      let (tensor, start) =
        switch source {
        case .bias(let start), .foldedBias(let start): (layer.bias, start)
        case .scales(let start): (layer.scales, start)
        }
      let all = tensor.floats, first = start * layer.hiddenSize, count = length * layer.hiddenSize
      return first < all.count ? Array(all[first..<first + count]) : [Float](repeating: 0, count: count)
    }
  }

  /// What the cell is, with its sources and equations: lines of a comment.
  let description: [String]
  let vectors: [Vector]
  /// Room for sums, in units of the hidden size.
  let sums: Int
  /// Functions that `advance` calls.
  var helpers = ""
  /// The lines of the function `advance`.
  let body: String

  /// The cell of a kind.
  init(_ kind: CellKind) {
    switch kind {
    case .lstm: self = .lstm
    case .peepholeLSTM: self = .peepholeLSTM
    case .coupledLSTM: self = .coupledLSTM
    case .layerNormLSTM: self = .layerNormLSTM
    case .gru: self = .gru
    case .rnn: self = .rnn
    case .irnn: self = .irnn
    }
  }

  fileprivate init(
    description: [String], vectors: [Vector], sums: Int, helpers: String = "", body: String
  ) {
    self.description = description
    self.vectors = vectors
    self.sums = sums
    self.helpers = helpers
    self.body = body
  }

  /// z <- b + W x + U h, for so many gates.
  fileprivate static func gateSums(_ gates: Int) -> String {
    """
      for (int j = 0; j < \(units(gates)); j++) z[j] = l->bias[j];
      add_product(&l->of_input, x, z);
      add_product(&l->of_state, h, z);
    """
  }

  /// The units of so many gates.
  static func units(_ gates: Int) -> String { gates == 1 ? "HIDDEN" : "\(gates) * HIDDEN" }

  fileprivate static let pointers = """
      const layer *l = &layers[index];
      float *h = state->h[index], *z = state->z;
    """
  fileprivate static let pointersWithCellState = """
      const layer *l = &layers[index];
      float *h = state->h[index], *c = state->c[index], *z = state->z;
    """
}

// MARK: - LSTM

extension CCell {
  fileprivate static let lstm = CCell(
    description: [
      "a long short-term memory (Hochreiter & Schmidhuber 1997; forget gate by Gers et al. 2000).", "",
      "  i = sigmoid(W_i x + U_i h + b_i)    how much is taken in",
      "  f = sigmoid(W_f x + U_f h + b_f)    how much is kept",
      "  g = tanh(W_g x + U_g h + b_g)       what can be taken in",
      "  o = sigmoid(W_o x + U_o h + b_o)    how much is shown",
      "  c <- f c + i g",
      "  h <- o tanh(c)",
    ],
    vectors: [Vector(name: "bias", length: 4, comment: "b, of the gates i f g o", source: .bias(0))],
    sums: 4,
    body: """
      \(pointersWithCellState)
      \(gateSums(4))
        for (int j = 0; j < HIDDEN; j++) {
          float i = sigmoid(z[j]);
          float f = sigmoid(z[j + HIDDEN]);
          float g = tanhf(z[j + 2 * HIDDEN]);
          float o = sigmoid(z[j + 3 * HIDDEN]);
          c[j] = f * c[j] + i * g;
          h[j] = o * tanhf(c[j]);
        }
      """)

  fileprivate static let peepholeLSTM = CCell(
    description: [
      "a long short-term memory with peepholes (Gers, Schraudolph & Schmidhuber 2002).", "",
      "  i = sigmoid(W_i x + U_i h + p_i c + b_i)    how much is taken in",
      "  f = sigmoid(W_f x + U_f h + p_f c + b_f)    how much is kept",
      "  g = tanh(W_g x + U_g h + b_g)               what can be taken in",
      "  c <- f c + i g",
      "  o = sigmoid(W_o x + U_o h + p_o c + b_o)    how much is shown, of the new c",
      "  h <- o tanh(c)",
    ],
    vectors: [
      Vector(name: "bias", length: 4, comment: "b, of the gates i f g o", source: .bias(0)),
      Vector(name: "peepholes", length: 3, comment: "p, of the gates i f o", source: .scales(0)),
    ],
    sums: 4,
    body: """
      \(pointersWithCellState)
        const float *p = l->peepholes;
      \(gateSums(4))
        for (int j = 0; j < HIDDEN; j++) {
          float i = sigmoid(z[j] + p[j] * c[j]);
          float f = sigmoid(z[j + HIDDEN] + p[j + HIDDEN] * c[j]);
          float g = tanhf(z[j + 2 * HIDDEN]);
          c[j] = f * c[j] + i * g;
          float o = sigmoid(z[j + 3 * HIDDEN] + p[j + 2 * HIDDEN] * c[j]);
          h[j] = o * tanhf(c[j]);
        }
      """)

  fileprivate static let coupledLSTM = CCell(
    description: [
      "a long short-term memory with coupled gates (Greff et al. 2017, there CIFG).", "",
      "  f = sigmoid(W_f x + U_f h + b_f)    how much is kept; the rest makes room for what is taken in",
      "  g = tanh(W_g x + U_g h + b_g)       what is taken in",
      "  o = sigmoid(W_o x + U_o h + b_o)    how much is shown",
      "  c <- f c + (1 - f) g",
      "  h <- o tanh(c)",
    ],
    vectors: [Vector(name: "bias", length: 3, comment: "b, of the gates f g o", source: .bias(0))],
    sums: 3,
    body: """
      \(pointersWithCellState)
      \(gateSums(3))
        for (int j = 0; j < HIDDEN; j++) {
          float f = sigmoid(z[j]);
          float g = tanhf(z[j + HIDDEN]);
          float o = sigmoid(z[j + 2 * HIDDEN]);
          c[j] = f * c[j] + (1.0f - f) * g;
          h[j] = o * tanhf(c[j]);
        }
      """)

  fileprivate static let layerNormLSTM = CCell(
    description: [
      "a long short-term memory with layer normalization (Ba, Kiros & Hinton 2016).", "",
      "  (i f g o) = N_x(W x + v) + N_h(U h) + b    all four gates normalized together, with a gain for each unit",
      "  c <- sigmoid(f) c + sigmoid(i) tanh(g)",
      "  h <- sigmoid(o) tanh(N_c(c) + b_c)",
    ],
    vectors: [
      Vector(name: "bias", length: 4, comment: "b, of the gates i f g o", source: .bias(0)),
      Vector(name: "bias_of_cell", length: 1, comment: "b_c", source: .bias(4)),
      Vector(name: "bias_of_input", length: 4, comment: "v, of an input layer folded into W", source: .foldedBias(5)),
      Vector(name: "gain_of_input", length: 4, comment: "gains of N_x", source: .scales(0)),
      Vector(name: "gain_of_state", length: 4, comment: "gains of N_h", source: .scales(4)),
      Vector(name: "gain_of_cell", length: 1, comment: "gains of N_c", source: .scales(8)),
    ],
    sums: 8,
    helpers: """
      // z <- gain (z - mean) / sqrt(variance + 0.00001), mean and variance being those of all of z.
      static void normalize(int count, const float *gain, float *z) {
        float mean = 0.0f, variance = 0.0f;
        for (int j = 0; j < count; j++) mean += z[j];
        mean /= (float)count;
        for (int j = 0; j < count; j++) variance += (z[j] - mean) * (z[j] - mean);
        variance /= (float)count;
        float scale = 1.0f / sqrtf(variance + 1e-5f);
        for (int j = 0; j < count; j++) z[j] = gain[j] * (z[j] - mean) * scale;
      }


      """,
    body: """
      \(pointersWithCellState)
        float *of_state = z + 4 * HIDDEN, *shown = of_state;
        for (int j = 0; j < 4 * HIDDEN; j++) z[j] = l->bias_of_input[j];
        for (int j = 0; j < 4 * HIDDEN; j++) of_state[j] = 0.0f;
        add_product(&l->of_input, x, z);
        add_product(&l->of_state, h, of_state);
        normalize(4 * HIDDEN, l->gain_of_input, z);
        normalize(4 * HIDDEN, l->gain_of_state, of_state);
        for (int j = 0; j < 4 * HIDDEN; j++) z[j] += of_state[j] + l->bias[j];
        for (int j = 0; j < HIDDEN; j++) {
          float i = sigmoid(z[j]);
          float f = sigmoid(z[j + HIDDEN]);
          float g = tanhf(z[j + 2 * HIDDEN]);
          c[j] = f * c[j] + i * g;
          shown[j] = c[j];
        }
        normalize(HIDDEN, l->gain_of_cell, shown);
        for (int j = 0; j < HIDDEN; j++) {
          float o = sigmoid(z[j + 3 * HIDDEN]);
          h[j] = o * tanhf(shown[j] + l->bias_of_cell[j]);
        }
      """)
}

// MARK: - Others

extension CCell {
  fileprivate static let gru = CCell(
    description: [
      "a gated recurrent unit (Cho et al. 2014, as PyTorch and cuDNN have it).", "",
      "  r = sigmoid(W_r x + U_r h + b_r)              how much of the state the candidate sees",
      "  u = sigmoid(W_u x + U_u h + b_u)              how much of the state is kept",
      "  n = tanh(W_n x + b_n + r (U_n h + b_hn))      what takes the place of the rest",
      "  h <- (1 - u) n + u h",
    ],
    vectors: [
      Vector(name: "bias", length: 3, comment: "b, of the gates r u n", source: .bias(0)),
      Vector(name: "bias_of_state", length: 1, comment: "b_hn", source: .bias(3)),
    ],
    sums: 6,
    body: """
      \(pointers)
        float *of_state = z + 3 * HIDDEN;
        for (int j = 0; j < 3 * HIDDEN; j++) z[j] = l->bias[j];
        for (int j = 0; j < 3 * HIDDEN; j++) of_state[j] = 0.0f;
        add_product(&l->of_input, x, z);
        add_product(&l->of_state, h, of_state);
        for (int j = 0; j < HIDDEN; j++) {
          float r = sigmoid(z[j] + of_state[j]);
          float u = sigmoid(z[j + HIDDEN] + of_state[j + HIDDEN]);
          float n = tanhf(z[j + 2 * HIDDEN] + r * (of_state[j + 2 * HIDDEN] + l->bias_of_state[j]));
          h[j] = (1.0f - u) * n + u * h[j];
        }
      """)

  fileprivate static let rnn = plain(
    "a plain recurrent network (Elman 1990).", "  h <- tanh(W x + U h + b)", "tanhf(z[j])")

  fileprivate static let irnn = plain(
    "a plain recurrent network of rectified linear units (Le, Jaitly & Hinton 2015).",
    "  h <- max(0, W x + U h + b)", "z[j] > 0.0f ? z[j] : 0.0f")

  private static func plain(_ name: String, _ equation: String, _ value: String) -> CCell {
    CCell(
      description: [name, "", equation],
      vectors: [Vector(name: "bias", length: 1, comment: "b", source: .bias(0))], sums: 1,
      body: """
        \(pointers)
        \(gateSums(1))
          for (int j = 0; j < HIDDEN; j++) h[j] = \(value);
        """)
  }
}
