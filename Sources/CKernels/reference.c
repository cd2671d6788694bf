// Instantiates the readable kernels for float and for double.

#include <math.h>

#include "CKernels.h"

#define REAL float
#define NAME(x) x##_float
#include "template/reference.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(x) x##_double
#include "template/reference.h"
