// Which tables this processor can run.

#include <stddef.h>

#include "CKernels.h"

extern const UnrollKernels unroll_kernels_baseline;

#if defined(__x86_64__)
extern const UnrollKernels unroll_kernels_avx512;
extern const UnrollKernels unroll_kernels_avx2;

extern const UnrollProducts unroll_products_avx512_bf16;

static int has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static int has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
}
#endif

const UnrollKernels *unroll_kernels(int32_t index) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (has_avx512() && index-- == 0) return &unroll_kernels_avx512;
  if (has_avx2() && index-- == 0) return &unroll_kernels_avx2;
#endif
  return index == 0 ? &unroll_kernels_baseline : NULL;
}

const UnrollProducts *unroll_bf16_products(const UnrollKernels *kernels) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (kernels->lanes == unroll_kernels_avx512.lanes && __builtin_cpu_supports("avx512bf16")) return &unroll_products_avx512_bf16;
#endif
  (void)kernels;
  return NULL;
}
