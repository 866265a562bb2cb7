/* Kernels for AVX-512 F, BW, DQ, VL (flags: CMakeLists.txt). */
#include "models/lm/kernels_body.h"

const rec_lm_kernels rec_lm_kernels_avx512 = REC_LM_KERNEL_TABLE;
