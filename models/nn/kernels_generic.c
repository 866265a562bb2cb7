/* Kernels for any processor. */
#include "models/nn/kernels_body.h"

const rec_kernels rec_kernels_generic = REC_KERNEL_TABLE;
