// Products in bf16, for processors with AVX512_BF16: one instruction multiplies 32 pairs of bfloat16 numbers and adds them
// in twos to 16 floats.

#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "denormals.h"

#define LANES 16
#define TILE_ROWS 6
#define TILE_VECTORS 4
#define GROUP 2

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,avx512bf16,tune=znver4"))), apply_to = function)
#include "template/products.h"
#pragma clang attribute pop

const UnrollProducts unroll_products_avx512_bf16 = PRODUCTS("bf16");

#endif
