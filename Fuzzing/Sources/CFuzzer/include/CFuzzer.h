#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>
#include <stdint.h>

/// Feeds `run` with inputs until an option of libFuzzer's says stop, and returns an exit code; a crash ends the
/// process. `argv` holds `argc` strings and may be changed; `run` returns 0. The linker finds this function where
/// `-sanitize=fuzzer` is given.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *data, size_t size));

#endif
