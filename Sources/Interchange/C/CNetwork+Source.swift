import Training

extension CNetwork {
  /// The text of the source file, which is called `fileName`, for a header that is called `header`.
  public func source(named fileName: String, header: String) -> String {
    """
    // \(fileName): see \(header). Made by unroll \(unrollVersion); first the network, then its numbers.
    //
    //   cc -std=c99 -O3 -c \(fileName)

    #include "\(header)"

    #include <math.h>

    enum {
    \(constants)};

    \(types)
    // The numbers, at the end of this file.
    \(vectors.filter { !$0.name.hasPrefix("layer_") }.map(\.declaration).joined(separator: "\n"))
    \(parts.input == nil ? "" : "static const matrix input;\n")static const layer layers[LAYERS];
    static const matrix head;

    \(sigmoid)\(product)
    \(cell.helpers)// One step of layer number `index`,
    // \(cell.description[0])
    \(cell.description.dropFirst().map { $0.isEmpty ? "//" : "// \($0)" }.joined(separator: "\n"))
    static void advance(\(name)_state *state, int index, const float *x) {
    \(cell.body)
    }

    \(softmax)void \(name)_reset(\(name)_state *state) {
    \(reset)}

    \(stepPrototype) {
      for (int k = 0; k < FEATURES; k++) state->x[k] = (features[k] - feature_mean[k]) * feature_scale[k];
    \(throughTheInputLayer)  for (int index = 0; index < LAYERS; index++) {
        advance(state, index, x);
        x = state->h[index];  // which the layer above reads
      }
    \(ending)}

    \(classifierFunctions)// The numbers.

    \(numbers)
    """
  }

  private var constants: String {
    var constants = [
      ("FEATURES", featuresConstant), ("OUTPUTS", outputsConstant), ("LAYERS", layersConstant),
      ("HIDDEN", hiddenConstant),
    ]
    if let input = parts.input { constants.append(("WIDTH", String(input.outputSize))) }
    if let temperatures = model.temperatures { constants.append(("STEPS", String(temperatures.count))) }
    return constants.map { "  \($0) = \($1),\n" }.joined()
  }

  private var types: String {
    let field = "  const \(weights == .float32 ? "float" : "signed char") *weights;"
    let matrix =
      switch weights {
      case .float32:
        """
        // A matrix: weights[k * outputs + j] is what input k counts for output j.
        typedef struct {
          int inputs, outputs;
        \(field)
        } matrix;
        """
      case .int8:
        """
        // A matrix in 8 bits: weights[k * outputs + j] * scales[j] is what input k counts for output j.
        typedef struct {
          int inputs, outputs;
        \(field)
          const float *scales;
        } matrix;
        """
      }
    let fields =
      [("matrix of_input;", "W"), ("matrix of_state;", "U")]
      + cell.vectors.map { ("const float *\($0.name);", $0.comment) }
    return """
      \(matrix)

      // A recurrent layer.
      typedef struct {
      \(cLines(fields))} layer;

      """
  }

  private var product: String {
    let weight = weights == .float32 ? "column[j]" : "(float)column[j] * m->scales[j]"
    let type = weights == .float32 ? "float" : "signed char"
    return """
      // y <- y + M x, column by column, so that compilers make vector instructions of it.
      static void add_product(const matrix *m, const float *x, float *restrict y) {
        const \(type) *column = m->weights;
        for (int k = 0; k < m->inputs; k++, column += m->outputs) {
          for (int j = 0; j < m->outputs; j++) y[j] += \(weight) * x[k];
        }
      }

      """
  }

  private var sigmoid: String {
    guard cell.body.contains("sigmoid(") else { return "" }
    return "static float sigmoid(float z) { return 1.0f / (1.0f + expf(-z)); }\n\n"
  }

  private var softmax: String {
    guard model.isClassifier else { return "" }
    return """
      // Probabilities in the place of logits\(countsSteps ? ", which are divided by the temperature before" : "").
      static void softmax(float *p\(countsSteps ? ", float temperature" : "")) {
        float largest = p[0], sum = 0.0f;
        for (int j = 1; j < OUTPUTS; j++) {
          if (p[j] > largest) largest = p[j];
        }
        for (int j = 0; j < OUTPUTS; j++) {
          p[j] = expf(\(countsSteps ? "(p[j] - largest) / temperature" : "p[j] - largest"));
          sum += p[j];
        }
        for (int j = 0; j < OUTPUTS; j++) p[j] /= sum;
      }


      """
  }

  private var reset: String {
    let cells = parts.layers[0].kind.hasCellState
    let states =
      cells
      ? """
          for (int j = 0; j < HIDDEN; j++) {
            state->h[index][j] = 0.0f;
            state->c[index][j] = 0.0f;
          }

      """
      : "    for (int j = 0; j < HIDDEN; j++) state->h[index][j] = 0.0f;\n"
    return "  for (int index = 0; index < LAYERS; index++) {\n\(states)  }\n"
      + (countsSteps ? "  state->steps = 0;\n" : "")
  }

  /// From the scaled features to what the first recurrent layer reads.
  private var throughTheInputLayer: String {
    guard parts.input != nil else { return "  const float *x = state->x;\n" }
    return """
        for (int j = 0; j < WIDTH; j++) state->y[j] = input_bias[j];
        add_product(&input, state->x, state->y);
        const float *x = state->y;

      """
  }

  /// From the last layer's state to the results.
  private var ending: String {
    guard model.isClassifier else { return throughTheHead(from: "x", to: "outputs") }
    guard countsSteps else {
      return """
          \(name)_logits(state, probabilities);
          softmax(probabilities);

        """
    }
    return """
        if (state->steps < STEPS) state->steps++;  // after the last temperature it stays
        \(name)_logits(state, probabilities);
        softmax(probabilities, temperatures[state->steps - 1]);

      """
  }

  private func throughTheHead(from hidden: String, to outputs: String) -> String {
    """
      for (int j = 0; j < OUTPUTS; j++) \(outputs)[j] = head_bias[j];
      add_product(&head, \(hidden), \(outputs));

    """
  }

  private var classifierFunctions: String {
    guard model.isClassifier else { return "" }
    return """
      void \(name)_logits(const \(name)_state *state, float logits[\(outputsConstant)]) {
      \(throughTheHead(from: "state->h[LAYERS - 1]", to: "logits"))}


      """
  }

  /// Definitions of all constants.
  private var numbers: String {
    let layers = parts.layers.indices.map { index in
      let own = matrices.filter { $0.name.hasPrefix("layer_\(index)_") }.map(\.initializer)
      let fields = own + cell.vectors.map { "layer_\(index)_\($0.name)" }
      return "  {\n\(fields.map { "    \($0),\n" }.joined())  },\n"
    }
    let linear = matrices.filter { !$0.name.hasPrefix("layer_") }
    let names = model.classNames.map { "  \(cLiteral($0)),\n" }.joined()
    let arrays = vectors + matrices.flatMap(\.arrays)
    return
      (model.isClassifier
      ? "const char *const \(name)_class_names[\(outputsConstant)] = {\n\(names)};\n\n" : "")
      + arrays.map { $0.definition + "\n" }.joined()
      + linear.map { "static const matrix \($0.name) = \($0.initializer);\n" }.joined()
      + "static const layer layers[LAYERS] = {\n\(layers.joined())};\n"
  }
}
