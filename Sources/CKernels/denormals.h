// Flush-to-zero for the time of a kernel.

#ifndef UNROLL_DENORMALS_H
#define UNROLL_DENORMALS_H

#include <stdint.h>

#if defined(__x86_64__)
#include <xmmintrin.h>

/// Returns the state to restore.
static inline uint64_t flush_denormals(void) {
  uint32_t before = _mm_getcsr();
  _mm_setcsr(before | 0x8040);  // flush-to-zero, denormals-are-zero
  return before;
}
static inline void restore_denormals(uint64_t before) { _mm_setcsr((uint32_t)before); }

#elif defined(__aarch64__)

static inline uint64_t flush_denormals(void) {
  uint64_t before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" ::"r"(before | (1u << 24)));
  return before;
}
static inline void restore_denormals(uint64_t before) { __asm__ volatile("msr fpcr, %0" ::"r"(before)); }

#else

static inline uint64_t flush_denormals(void) { return 0; }
static inline void restore_denormals(uint64_t before) { (void)before; }

#endif

/// Wraps a kernel so that denormals count as zero while it runs: an LSTM's decaying states would otherwise take the
/// processor's slow path, ten times and more slower.
#define FLUSHING(name, parameters, arguments) \
  static void flushing_##name parameters {    \
    uint64_t before = flush_denormals();      \
    name arguments;                           \
    restore_denormals(before);                \
  }

#endif
