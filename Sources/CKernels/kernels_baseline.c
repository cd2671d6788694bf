// What every machine of the architecture runs (SSE2, NEON): vectors of 4 floats.

#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "denormals.h"

#define TABLE unroll_kernels_baseline
#define TABLE_NAME "baseline"
#define LANES 4
#define TILE_ROWS 6
#define TILE_VECTORS 2

#include "template/table.h"
