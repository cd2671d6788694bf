// 32 registers of 16 floats. tune=znver4 makes the compiler use all 512 bits; without it, it prefers halves and spills.

#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "denormals.h"

#define TABLE unroll_kernels_avx512
#define TABLE_NAME "avx512"
#define LANES 16
#define TILE_ROWS 6
#define TILE_VECTORS 4

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,tune=znver4"))), apply_to = function)
#include "template/table.h"
#pragma clang attribute pop

#endif
