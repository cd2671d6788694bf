#include "CKernels.h"
int unroll_placeholder(void) { return 0; }
