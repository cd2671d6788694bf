/// A file written by the official library: safetensors 0.8.0 with numpy 2.4.6 and ml_dtypes 0.6.0 on Python 3.11.7.
///
///     save({"weight_ih_l0": np.array([[1.5, -2.0, 3.25], [0.0, np.inf, 1e-40]], np.float32),
///           "double": np.array([0.1, -1e300], np.float64),
///           "half": np.array([1.0, -65504.0, 6e-8], np.float16),
///           "brain": np.array([1.0, -3.0, 3.3895314e38], ml_dtypes.bfloat16),
///           "step": np.array(-7, np.int64), "empty": np.zeros((2, 0), np.float32),
///           "bytes": np.array([0, 255], np.uint8), "flags": np.array([True, False, True]),
///           'naïve "quoted"\\\n\x01é/': np.array([42], np.int32)},
///          metadata={"format": 'np "é" \t'})
let officialFileBase64 = """
  YAIAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJucCBcIsOpXCIgXHQifSwic3RlcCI6eyJkdHlwZSI6Ikk2NCIsInNo\
  YXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0sImRvdWJsZSI6eyJkdHlwZSI6IkY2NCIsInNoYXBlIjpbMl0sImRhdGFfb2Zm\
  c2V0cyI6WzgsMjRdfSwiZW1wdHkiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsMF0sImRhdGFfb2Zmc2V0cyI6WzI0LDI0XX0s\
  IndlaWdodF9paF9sMCI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMiwzXSwiZGF0YV9vZmZzZXRzIjpbMjQsNDhdfSwibmHDr3Zl\
  IFwicXVvdGVkXCJcXFxuXHUwMDAxw6kvIjp7ImR0eXBlIjoiSTMyIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbNDgsNTJd\
  fSwiYnJhaW4iOnsiZHR5cGUiOiJCRjE2Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNTIsNThdfSwiaGFsZiI6eyJkdHlw\
  ZSI6IkYxNiIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzU4LDY0XX0sImJ5dGVzIjp7ImR0eXBlIjoiVTgiLCJzaGFwZSI6\
  WzJdLCJkYXRhX29mZnNldHMiOls2NCw2Nl19LCJmbGFncyI6eyJkdHlwZSI6IkJPT0wiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNl\
  dHMiOls2Niw2OV19fSAgIPn/////////mpmZmZmZuT+cdQCIPOQ3/gAAwD8AAADAAABQQAAAAAAAAIB/whYBACoAAACAP0DAf38A\
  PP/7AQAA/wEAAQ==
  """
