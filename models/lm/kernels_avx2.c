/* Kernels for AVX2 with FMA and F16C (flags: CMakeLists.txt). */
#include "models/lm/kernels_body.h"

const rec_lm_kernels rec_lm_kernels_avx2 = REC_LM_KERNEL_TABLE;
