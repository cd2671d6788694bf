import Training

extension CNetwork {
  /// What the names of the header's constants begin with.
  private var prefix: String { name.uppercased() }
  /// The constant that says how many outputs there are.
  var outputsConstant: String { "\(prefix)_\(model.isClassifier ? "CLASSES" : "OUTPUTS")" }
  var featuresConstant: String { "\(prefix)_FEATURES" }
  var layersConstant: String { "\(prefix)_LAYERS" }
  var hiddenConstant: String { "\(prefix)_HIDDEN" }
  /// What the caller of a step calls its results.
  var results: String { model.isClassifier ? "probabilities" : "outputs" }
  /// The function for a step without its body.
  var stepPrototype: String {
    "void \(name)_step(\(name)_state *state, const float features[\(featuresConstant)], float \(results)[\(outputsConstant)])"
  }

  /// The text of the header, which is called `fileName`.
  public func header(named fileName: String) -> String {
    """
    // \(fileName): a recurrent network that reads a sequence one step at a time. Made by unroll \(unrollVersion).
    //
    //   \(name)_state state;
    //   float features[\(featuresConstant)], \(results)[\(outputsConstant)];
    //
    //   \(name)_reset(&state);  // before each sequence
    //   while (read_a_step(features)) {
    //     \(name)_step(&state, features, \(results));  // features as they come: they are scaled inside
    //     printf("\(example)\\n", \(exampleArguments));  // after what was read so far
    //   }
    //
    // C99, and besides <math.h> (-lm) it needs nothing. It takes no memory and writes to nothing but what it is given, so
    // that several sequences can be read at once, by several threads too, each with a state of its own.

    #ifndef UNROLL_\(prefix)_H
    #define UNROLL_\(prefix)_H

    #ifdef __cplusplus
    extern "C" {
    #endif

    \(definitions)
    // What the network remembers of a sequence, and room to work in. It may lie anywhere.
    typedef struct {
    \(stateFields)} \(name)_state;

    // Back to the beginning of a sequence. To be called before the first step, too.
    void \(name)_reset(\(name)_state *state);

    // Reads one step: raw features in, \(stepResult).
    \(stepPrototype);
    \(classifierDeclarations)
    #ifdef __cplusplus
    }
    #endif

    #endif

    """
  }

  private var example: String { model.isClassifier ? "%s: %f" : "%f" }

  private var exampleArguments: String {
    model.isClassifier ? "\(name)_class_names[0], probabilities[0]" : "outputs[0]"
  }

  private var stepResult: String {
    model.isClassifier
      ? "the probability of each class after all steps so far out"
      : "the outputs after all steps so far out"
  }

  private var definitions: String {
    cLines(
      [
        ("#define \(featuresConstant) \(features)", "of a step"),
        ("#define \(outputsConstant) \(model.network.classes)", ""),
        ("#define \(layersConstant) \(parts.layers.count)", "recurrent layers: \(parts.layers[0].kind.rawValue)"),
        ("#define \(hiddenConstant) \(hidden)", "units of each"),
      ], indentation: "")
  }

  private var stateFields: String {
    var fields: [(code: String, comment: String)] = [
      ("float h[\(layersConstant)][\(hiddenConstant)];", "hidden state of each layer")
    ]
    if parts.layers[0].kind.hasCellState {
      fields.append(("float c[\(layersConstant)][\(hiddenConstant)];", "cell state of each layer"))
    }
    if countsSteps { fields.append(("int steps;", "steps that were read")) }
    fields.append(("float x[\(featuresConstant)];", "room: features, scaled"))
    if let input = parts.input {
      fields.append(("float y[\(input.outputSize)];", "room: what the input layer makes of them"))
    }
    let factor = cell.sums == 1 ? "" : "\(cell.sums) * "
    fields.append(("float z[\(factor)\(hiddenConstant)];", "room: a layer's sums"))
    return cLines(fields)
  }

  private var classifierDeclarations: String {
    guard model.isClassifier else { return "" }
    return """

      // The logits after the steps read so far, before softmax\(countsSteps ? " and temperature" : "").
      void \(name)_logits(const \(name)_state *state, float logits[\(outputsConstant)]);

      // What the classes are called, in UTF-8.
      extern const char *const \(name)_class_names[\(outputsConstant)];

      """
  }
}
