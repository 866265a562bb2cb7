/* Kernels for AVX-512 F, BW, DQ, VL (flags: CMakeLists.txt). */
#include "models/nn/kernels_body.h"

const rec_kernels rec_kernels_avx512 = REC_KERNEL_TABLE;
