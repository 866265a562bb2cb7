/* Kernels for plain C (flags: CMakeLists.txt). */
#include "models/lm/kernels_body.h"

const rec_lm_kernels rec_lm_kernels_generic = REC_LM_KERNEL_TABLE;
