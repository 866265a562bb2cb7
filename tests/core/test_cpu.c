#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "tests/suite.h"

START_TEST(environment_caps_the_level)
{
    setenv("RECAI_CPU", "generic", 1);
    ck_assert_int_eq(rec_cpu_level(), REC_CPU_GENERIC);
    setenv("RECAI_CPU", "avx512", 1); /* read once only */
    ck_assert_int_eq(rec_cpu_level(), REC_CPU_GENERIC);
}
END_TEST

START_TEST(cap_lowers_but_never_raises)
{
    unsetenv("RECAI_CPU");
    rec_cpu_level_id best = rec_cpu_level();
    rec_cpu_set_cap(REC_CPU_GENERIC);
    ck_assert_int_eq(rec_cpu_level(), REC_CPU_GENERIC);
    rec_cpu_set_cap(REC_CPU_AVX512_VNNI);
    ck_assert_int_eq(rec_cpu_level(), best);
}
END_TEST

START_TEST(unknown_level_is_reported)
{
    setenv("RECAI_CPU", "avx9", 1);
    ck_assert_fails(rec_cpu_check(err), REC_ERR_CONFIG, "unknown level \"avx9\" (allowed: generic");
    setenv("RECAI_CPU", "avx2", 1);
    ck_assert_ok(rec_cpu_check(err));
    unsetenv("RECAI_CPU");
    ck_assert_ok(rec_cpu_check(err));
    ck_assert_str_eq(rec_cpu_level_name(REC_CPU_AVX512_VNNI), "avx512_vnni");
}
END_TEST

REC_SUITE("core/cpu", tcase_add_test(t, environment_caps_the_level);
          tcase_add_test(t, cap_lowers_but_never_raises);
          tcase_add_test(t, unknown_level_is_reported);)
