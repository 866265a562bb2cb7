/* Kernels for AVX2 with FMA (flags: CMakeLists.txt). */
#include "models/nn/kernels_body.h"

const rec_kernels rec_kernels_avx2 = REC_KERNEL_TABLE;
