/**
 * Which vector instructions hot loops may use. The build is portable; a kernel that has variants
 * asks once per call and picks one: the same pattern everywhere is
 *
 *     switch (rec_cpu_level()) {
 *     case REC_CPU_AVX512_VNNI:
 *     case REC_CPU_AVX512: return f_avx512(...);
 *     case REC_CPU_AVX2:   return f_avx2(...);
 *     default:             return f_generic(...);
 *     }
 *
 * Variants carry __attribute__((target(REC_TARGET_AVX2))) and sit inside #ifdef REC_CPU_X86.
 */
#ifndef REC_CORE_CPU_H
#define REC_CORE_CPU_H

#include "core/status.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define REC_CPU_X86 1
#define REC_TARGET_AVX2 "avx2,fma,f16c,bmi,bmi2,popcnt"
#define REC_TARGET_AVX512                                                                          \
    "avx2,fma,f16c,bmi,bmi2,popcnt,avx512f,avx512bw,avx512dq,avx512vl,avx512cd"
#define REC_TARGET_AVX512_VNNI REC_TARGET_AVX512 ",avx512vnni"
#endif

/** Each level includes the ones before it. */
typedef enum rec_cpu_level_id {
    REC_CPU_GENERIC,    /* plain C */
    REC_CPU_AVX2,       /* with FMA and F16C */
    REC_CPU_AVX512,     /* F, BW, DQ, VL, CD */
    REC_CPU_AVX512_VNNI /* and 8-bit integer dot products */
} rec_cpu_level_id;

/**
 * What this processor has, capped by the environment variable RECAI_CPU (generic, avx2, avx512,
 * avx512_vnni) as it is at the first call. An unknown value counts as no cap here; rec_cpu_check
 * reports it.
 */
rec_cpu_level_id rec_cpu_level(void);

/** Cap the level from now on: tests compare variants with it. No parallel loop may be running. */
void rec_cpu_set_cap(rec_cpu_level_id cap);

const char *rec_cpu_level_name(rec_cpu_level_id level);

/** REC_ERR_CONFIG when RECAI_CPU is set to something else than a level's name (main calls it). */
rec_status rec_cpu_check(rec_error *err);

#endif
