#include "models/lm/kernels.h"

#include "core/cpu.h"

const rec_lm_kernels *rec_lm_kernels_get(void)
{
    switch (rec_cpu_level()) {
    case REC_CPU_AVX512_VNNI:
    case REC_CPU_AVX512:
        return &rec_lm_kernels_avx512;
    case REC_CPU_AVX2:
        return &rec_lm_kernels_avx2;
    default:
        return &rec_lm_kernels_generic;
    }
}
