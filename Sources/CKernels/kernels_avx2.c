// 16 registers of 8 floats: 6 × 2 sums leave room for the factors.

#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "denormals.h"

#define TABLE unroll_kernels_avx2
#define TABLE_NAME "avx2"
#define LANES 8
#define TILE_ROWS 6
#define TILE_VECTORS 2

#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "template/table.h"
#pragma clang attribute pop

#endif
