/* golden/lm/gguf_blocks.h5: rows of 512 values per format as stored in a GGUF file and as the
 * reference (gguf-py) reads them; `source` is what F16 to Q8_0 were quantised from. */
#include <math.h>
#include <string.h>

#include "models/lm/quant.h"
#include "tests/golden.h"
#include "tests/suite.h"

#define BLOCKS GOLDEN("lm/gguf_blocks.h5")

static const struct {
    rec_weight_format format;
    double tolerance; /* relative; 0 = to the last bit */
} cases[] = {{REC_FORMAT_F16, 0},      {REC_FORMAT_BF16, 0},    {REC_FORMAT_Q4_0, 0},
             {REC_FORMAT_Q4_1, 0},     {REC_FORMAT_Q5_0, 0},    {REC_FORMAT_Q5_1, 0},
             {REC_FORMAT_Q8_0, 0},     {REC_FORMAT_Q2_K, 1e-6}, {REC_FORMAT_Q3_K, 1e-6},
             {REC_FORMAT_Q4_K, 1e-6},  {REC_FORMAT_Q5_K, 1e-6}, {REC_FORMAT_Q6_K, 1e-6},
             {REC_FORMAT_IQ4_NL, 1e-6}};

START_TEST(values_of_the_reference)
{
    rec_weight_format format = cases[_i].format;
    char name[32];
    size_t n, n_bytes;
    snprintf(name, sizeof name, "%s/values", rec_weight_format_name(format));
    float *expected = golden_floats(BLOCKS, name, &n);
    snprintf(name, sizeof name, "%s/bytes", rec_weight_format_name(format));
    unsigned char *bytes = golden_bytes(BLOCKS, name, &n_bytes);
    ck_assert_uint_eq(rec_weight_format_bytes(format, n), n_bytes);
    float *values = malloc(n * sizeof *values);
    rec_dequantise(values, format, bytes, n);
    if (cases[_i].tolerance == 0)
        ck_assert_mem_eq(values, expected, n * sizeof *values);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabs((double)values[i] - (double)expected[i]) <=
                          cases[_i].tolerance * fabs((double)expected[i]) + 1e-12,
                      "value %zu: %g, expected %g", i, (double)values[i], (double)expected[i]);
    free(values);
    free(bytes);
    free(expected);
}
END_TEST

START_TEST(blocks_of_the_reference)
{
    static const rec_weight_format formats[] = {REC_FORMAT_F16, REC_FORMAT_BF16, REC_FORMAT_Q8_0,
                                                REC_FORMAT_Q4_1};
    size_t n, n_bytes;
    float *source = golden_floats(BLOCKS, "source", &n);
    for (size_t f = 0; f < 4; f++) {
        char name[32];
        snprintf(name, sizeof name, "%s/bytes", rec_weight_format_name(formats[f]));
        unsigned char *expected = golden_bytes(BLOCKS, name, &n_bytes);
        unsigned char *bytes = malloc(n_bytes);
        ck_assert(rec_weight_format_is_writable(formats[f]));
        ck_assert_ok(rec_quantise(bytes, formats[f], source, n, err));
        size_t n_different = 0;
        for (size_t i = 0; i < n_bytes; i++)
            n_different += bytes[i] != expected[i];
        ck_assert_msg(n_different == 0, "%s: %zu bytes differ", name, n_different);
        free(bytes);
        free(expected);
    }
    ck_assert(!rec_weight_format_is_writable(REC_FORMAT_Q4_K));
    free(source);
}
END_TEST

/* Every finite half is a float that comes back; the values between round to nearest even. */
START_TEST(half_precision)
{
    for (uint32_t half = 0; half < 65536; half++) {
        float value = rec_half_to_float((uint16_t)half);
        if (isnan(value))
            ck_assert(isnan(rec_half_to_float(rec_float_to_half(value))));
        else
            ck_assert_uint_eq(rec_float_to_half(value), half);
    }
    ck_assert_float_eq(rec_half_to_float(0x3C00), 1.0f);
    ck_assert_float_eq(rec_half_to_float(0x0001), 0x1p-24f);
    ck_assert(isinf(rec_half_to_float(0xFC00)));
    ck_assert_uint_eq(rec_float_to_half(1.0f + 0x1p-11f), 0x3C00);            /* tie: even */
    ck_assert_uint_eq(rec_float_to_half(1.0f + 0x3p-11f), 0x3C02);            /* tie: even */
    ck_assert_uint_eq(rec_float_to_half(1.0f + 0x1p-11f + 0x1p-20f), 0x3C01); /* above */
    ck_assert_uint_eq(rec_float_to_half(0x1p-25f), 0x0000);                   /* tie: even */
    ck_assert_uint_eq(rec_float_to_half(0x1.8p-25f), 0x0001);
    ck_assert_uint_eq(rec_float_to_half(65519.0f), 0x7BFF);
    ck_assert_uint_eq(rec_float_to_half(65520.0f), 0x7C00);
}
END_TEST

/* |x - q| <= d / 2 for Q8_0 (d = max / 127) and Q4_1 (d = range / 15), plus the half rounding of d. */
START_TEST(rounding_error_is_bounded)
{
    float x[64], y[64];
    unsigned char blocks[80];
    for (int i = 0; i < 64; i++)
        x[i] = sinf((float)i * 1.7f) * (i < 32 ? 1.0f : 100.0f);
    ck_assert_ok(rec_quantise(blocks, REC_FORMAT_Q8_0, x, 64, err));
    rec_dequantise(y, REC_FORMAT_Q8_0, blocks, 64);
    for (int i = 0; i < 64; i++)
        ck_assert_float_le(fabsf(x[i] - y[i]), (i < 32 ? 1.0f : 100.0f) * (0.51f / 127 + 0.0005f));
    ck_assert_ok(rec_quantise(blocks, REC_FORMAT_Q4_1, x, 64, err));
    rec_dequantise(y, REC_FORMAT_Q4_1, blocks, 64);
    for (int i = 0; i < 64; i++)
        ck_assert_float_le(fabsf(x[i] - y[i]), (i < 32 ? 1.0f : 100.0f) * (1.02f / 15 + 0.001f));
    memset(x, 0, sizeof x); /* a block of zeros has scale 0 */
    ck_assert_ok(rec_quantise(blocks, REC_FORMAT_Q4_1, x, 32, err));
    rec_dequantise(y, REC_FORMAT_Q4_1, blocks, 32);
    ck_assert_float_eq(y[31], 0);
}
END_TEST

START_TEST(what_cannot_be_stored)
{
    float x[32] = {0};
    unsigned char block[128];
    x[7] = NAN;
    ck_assert_fails(rec_quantise(block, REC_FORMAT_Q8_0, x, 32, err), REC_ERR_MODEL, "value 7 is");
    x[7] = INFINITY;
    ck_assert_fails(rec_quantise(block, REC_FORMAT_F32, x, 32, err), REC_ERR_MODEL, "value 7 is");
    x[7] = 70000;
    ck_assert_fails(rec_quantise(block, REC_FORMAT_F16, x, 32, err), REC_ERR_MODEL, "too large");
    ck_assert_fails(rec_quantise(block, REC_FORMAT_Q4_1, x, 32, err), REC_ERR_MODEL, "too large");
    ck_assert_ok(rec_quantise(block, REC_FORMAT_Q8_0, x, 32, err));
}
END_TEST

REC_SUITE("models/lm/quant",
          tcase_add_loop_test(t, values_of_the_reference, 0, sizeof cases / sizeof *cases);
          tcase_add_test(t, blocks_of_the_reference); tcase_add_test(t, half_precision);
          tcase_add_test(t, rounding_error_is_bounded); tcase_add_test(t, what_cannot_be_stored);)
