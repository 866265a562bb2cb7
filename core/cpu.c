#include "core/cpu.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *const level_names[] = {"generic", "avx2", "avx512", "avx512_vnni"};
enum { N_LEVELS = sizeof level_names / sizeof *level_names };

/* -1 until the first question. Read and written with relaxed atomics: every thread that asks first
 * computes the same value. */
static int current = -1;

static rec_cpu_level_id detect(void)
{
#ifdef REC_CPU_X86
    __builtin_cpu_init();
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512cd");
    if (avx512)
        return __builtin_cpu_supports("avx512vnni") ? REC_CPU_AVX512_VNNI : REC_CPU_AVX512;
    /* Every processor with AVX2 and FMA so far also has F16C. */
    return avx2 ? REC_CPU_AVX2 : REC_CPU_GENERIC;
#else
    return REC_CPU_GENERIC;
#endif
}

/* Index of RECAI_CPU among the names, N_LEVELS - 1 when unset, -1 when unknown. */
static int level_from_environment(void)
{
    const char *name = getenv("RECAI_CPU");
    if (name == NULL || *name == '\0')
        return N_LEVELS - 1;
    for (int i = 0; i < N_LEVELS; i++)
        if (strcmp(name, level_names[i]) == 0)
            return i;
    return -1;
}

static void store_capped(int cap)
{
    int found = (int)detect();
    __atomic_store_n(&current, found < cap ? found : cap, __ATOMIC_RELAXED);
}

rec_cpu_level_id rec_cpu_level(void)
{
    int level = __atomic_load_n(&current, __ATOMIC_RELAXED);
    if (level < 0) {
        int cap = level_from_environment();
        store_capped(cap >= 0 ? cap : N_LEVELS - 1);
        level = __atomic_load_n(&current, __ATOMIC_RELAXED);
    }
    return (rec_cpu_level_id)level;
}

void rec_cpu_set_cap(rec_cpu_level_id cap)
{
    store_capped((int)cap);
}

const char *rec_cpu_level_name(rec_cpu_level_id level)
{
    return level_names[level];
}

rec_status rec_cpu_check(rec_error *err)
{
    if (level_from_environment() >= 0)
        return REC_OK;
    return rec_fail(err, REC_ERR_CONFIG,
                    "RECAI_CPU: unknown level \"%s\" (allowed: generic, avx2, avx512, avx512_vnni)",
                    getenv("RECAI_CPU"));
}
