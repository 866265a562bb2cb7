/* Block layouts and formulas: ggml-common.h and ggml-quants.c of ggml. Every product of a half
 * precision scale and a small integer is exact in float32, so the order of operations below decides
 * the last bit only where two scales meet. */
#include "models/lm/quant.h"

#include <assert.h>
#include <math.h>
#include <string.h>

float rec_half_to_float(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = (half >> 10) & 31,
             fraction = half & 0x3FF, bits;
    if (exponent == 31)
        bits = sign | 0x7F800000u | fraction << 13;
    else if (exponent > 0)
        bits = sign | (exponent + 112) << 23 | fraction << 13;
    else { /* subnormal: fraction * 2^-24 */
        float value = (float)fraction * 0x1p-24f;
        memcpy(&bits, &value, sizeof bits);
        bits |= sign;
    }
    float out;
    memcpy(&out, &bits, sizeof out);
    return out;
}

uint16_t rec_float_to_half(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    uint32_t size = bits & 0x7FFFFFFF;
    if (size > 0x7F800000)
        return (uint16_t)(sign | 0x7E00);
    if (size >= 0x477FF000) /* 65520 and above round to infinity */
        return (uint16_t)(sign | 0x7C00);
    if (size < 0x38800000) { /* below 2^-14: adding 0.5 rounds to a multiple of 2^-24 */
        float magnitude;
        memcpy(&magnitude, &size, sizeof magnitude);
        magnitude += 0.5f;
        memcpy(&size, &magnitude, sizeof size);
        return (uint16_t)(sign | (size - 0x3F000000));
    }
    size += 0xFFF + (size >> 13 & 1); /* to nearest, ties to even */
    return (uint16_t)(sign | ((size >> 13) - (112 << 10)));
}

static float half_at(const uint8_t *bytes)
{
    return rec_half_to_float((uint16_t)(bytes[0] | bytes[1] << 8));
}

static uint32_t word_at(const uint8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* ---- float formats ---- */

static void read_f32(float *out, const uint8_t *b)
{
    memcpy(out, b, sizeof *out);
}

static void read_f16(float *out, const uint8_t *b)
{
    *out = half_at(b);
}

static void read_bf16(float *out, const uint8_t *b)
{
    uint32_t bits = (uint32_t)(b[0] | b[1] << 8) << 16;
    memcpy(out, &bits, sizeof bits);
}

/* ---- blocks of 32: value i in the low half of byte i, value i + 16 in the high half ---- */

static void read_q4_0(float *out, const uint8_t *b)
{
    float d = half_at(b);
    for (int i = 0; i < 16; i++) {
        out[i] = d * (float)((b[2 + i] & 15) - 8);
        out[i + 16] = d * (float)((b[2 + i] >> 4) - 8);
    }
}

static void read_q4_1(float *out, const uint8_t *b)
{
    float d = half_at(b), m = half_at(b + 2);
    for (int i = 0; i < 16; i++) {
        out[i] = d * (float)(b[4 + i] & 15) + m;
        out[i + 16] = d * (float)(b[4 + i] >> 4) + m;
    }
}

/* The fifth bits of the 32 values are a word of their own. */
static void read_q5_0(float *out, const uint8_t *b)
{
    float d = half_at(b);
    uint32_t high = word_at(b + 2);
    for (int i = 0; i < 16; i++) {
        int low = b[6 + i] & 15, top = b[6 + i] >> 4;
        out[i] = d * (float)((low | (int)(high >> i & 1) << 4) - 16);
        out[i + 16] = d * (float)((top | (int)(high >> (i + 16) & 1) << 4) - 16);
    }
}

static void read_q5_1(float *out, const uint8_t *b)
{
    float d = half_at(b), m = half_at(b + 2);
    uint32_t high = word_at(b + 4);
    for (int i = 0; i < 16; i++) {
        int low = b[8 + i] & 15, top = b[8 + i] >> 4;
        out[i] = d * (float)(low | (int)(high >> i & 1) << 4) + m;
        out[i + 16] = d * (float)(top | (int)(high >> (i + 16) & 1) << 4) + m;
    }
}

static void read_q8_0(float *out, const uint8_t *b)
{
    float d = half_at(b);
    for (int i = 0; i < 32; i++)
        out[i] = d * (float)(int8_t)b[2 + i];
}

static void read_iq4_nl(float *out, const uint8_t *b)
{
    static const int8_t level[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                     1,    13,   25,  38,  53,  69,  89,  113};
    float d = half_at(b);
    for (int i = 0; i < 16; i++) {
        out[i] = d * (float)level[b[2 + i] & 15];
        out[i + 16] = d * (float)level[b[2 + i] >> 4];
    }
}

/* ---- K formats: blocks of 256 whose sub-blocks have small integer scales ---- */

/* 16 sub-blocks of 16: 4-bit scale and minimum each, 2-bit values. */
static void read_q2_k(float *out, const uint8_t *b)
{
    const uint8_t *scales = b, *q = b + 16;
    float d = half_at(b + 80), dmin = half_at(b + 82);
    for (int i = 0; i < 256; i++) {
        int sub = i / 16, half = i / 128, shift = i % 128 / 32 * 2;
        float value = (float)(q[32 * half + i % 32] >> shift & 3);
        out[i] = d * (float)(scales[sub] & 15) * value - dmin * (float)(scales[sub] >> 4);
    }
}

/* 16 signed 6-bit scales in 12 bytes: low halves in the first eight, two high bits in the rest. */
static int q3_scale(const uint8_t *s, int sub)
{
    int low = sub < 8 ? s[sub] & 15 : s[sub - 8] >> 4;
    int high = s[8 + sub % 4] >> (2 * (sub / 4)) & 3;
    return (low | high << 4) - 32;
}

/* 16 sub-blocks of 16: values of two bits and a third one in a mask, minus 4. */
static void read_q3_k(float *out, const uint8_t *b)
{
    const uint8_t *mask = b, *q = b + 32, *scales = b + 96;
    float d = half_at(b + 108);
    for (int i = 0; i < 256; i++) {
        int half = i / 128, shift = i % 128 / 32 * 2;
        int low = q[32 * half + i % 32] >> shift & 3, high = mask[i % 32] >> (i / 32) & 1;
        out[i] = d * (float)q3_scale(scales, i / 16) * (float)((low | high << 2) - 4);
    }
}

/* Scale and minimum of sub-block 0..7, six bits each, in 12 bytes. */
static void scale_min(int *scale, int *min, const uint8_t *s, int sub)
{
    if (sub < 4) {
        *scale = s[sub] & 63;
        *min = s[sub + 4] & 63;
    } else {
        *scale = (s[sub + 4] & 15) | (s[sub - 4] >> 6) << 4;
        *min = s[sub + 4] >> 4 | (s[sub] >> 6) << 4;
    }
}

/* Eight sub-blocks of 32; two neighbours share 32 bytes, low and high halves. high: bytes with the
 * fifth bits, or NULL. */
static void read_q45_k(float *out, const uint8_t *b, const uint8_t *high, const uint8_t *q)
{
    float d = half_at(b), dmin = half_at(b + 2);
    for (int sub = 0; sub < 8; sub++) {
        int scale, min;
        scale_min(&scale, &min, b + 4, sub);
        float step = d * (float)scale, offset = dmin * (float)min;
        for (int i = 0; i < 32; i++) {
            int value = q[sub / 2 * 32 + i] >> (sub % 2 * 4) & 15;
            if (high != NULL)
                value |= (high[i] >> sub & 1) << 4;
            out[32 * sub + i] = step * (float)value - offset;
        }
    }
}

static void read_q4_k(float *out, const uint8_t *b)
{
    read_q45_k(out, b, NULL, b + 16);
}

static void read_q5_k(float *out, const uint8_t *b)
{
    read_q45_k(out, b, b + 16, b + 48);
}

/* 16 sub-blocks of 16 with signed 8-bit scales; values of 4 + 2 bits, minus 32. */
static void read_q6_k(float *out, const uint8_t *b)
{
    const uint8_t *low = b, *high = b + 128;
    const int8_t *scales = (const int8_t *)(b + 192);
    float d = half_at(b + 208);
    for (int i = 0; i < 256; i++) {
        int half = i / 128, part = i % 128 / 32, j = i % 32;
        int l = low[64 * half + 32 * (part % 2) + j] >> (part / 2 * 4) & 15;
        int h = high[32 * half + j] >> (2 * part) & 3;
        out[i] = d * (float)scales[i / 16] * (float)((l | h << 4) - 32);
    }
}

typedef struct format {
    const char *name;
    size_t block, bytes;
    void (*read)(float *out, const uint8_t *block); /* one block */
} format;

static const format formats[REC_N_FORMATS] = {
    [REC_FORMAT_F32] = {"F32", 1, 4, read_f32},
    [REC_FORMAT_F16] = {"F16", 1, 2, read_f16},
    [REC_FORMAT_BF16] = {"BF16", 1, 2, read_bf16},
    [REC_FORMAT_Q4_0] = {"Q4_0", 32, 18, read_q4_0},
    [REC_FORMAT_Q4_1] = {"Q4_1", 32, 20, read_q4_1},
    [REC_FORMAT_Q5_0] = {"Q5_0", 32, 22, read_q5_0},
    [REC_FORMAT_Q5_1] = {"Q5_1", 32, 24, read_q5_1},
    [REC_FORMAT_Q8_0] = {"Q8_0", 32, 34, read_q8_0},
    [REC_FORMAT_Q2_K] = {"Q2_K", 256, 84, read_q2_k},
    [REC_FORMAT_Q3_K] = {"Q3_K", 256, 110, read_q3_k},
    [REC_FORMAT_Q4_K] = {"Q4_K", 256, 144, read_q4_k},
    [REC_FORMAT_Q5_K] = {"Q5_K", 256, 176, read_q5_k},
    [REC_FORMAT_Q6_K] = {"Q6_K", 256, 210, read_q6_k},
    [REC_FORMAT_IQ4_NL] = {"IQ4_NL", 32, 18, read_iq4_nl},
};

const char *rec_weight_format_name(rec_weight_format f)
{
    return formats[f].name;
}

size_t rec_weight_format_block(rec_weight_format f)
{
    return formats[f].block;
}

size_t rec_weight_format_block_bytes(rec_weight_format f)
{
    return formats[f].bytes;
}

size_t rec_weight_format_bytes(rec_weight_format f, size_t n)
{
    size_t bytes;
    assert(n % formats[f].block == 0);
    return __builtin_mul_overflow(n / formats[f].block, formats[f].bytes, &bytes) ? 0 : bytes;
}

void rec_dequantise(float *out, rec_weight_format f, const void *blocks, size_t n)
{
    const format *it = &formats[f];
    const uint8_t *b = blocks;
    assert(n % it->block == 0);
    if (f == REC_FORMAT_F32) {
        memcpy(out, blocks, n * sizeof *out);
        return;
    }
    for (size_t i = 0; i < n; i += it->block, b += it->bytes)
        it->read(out + i, b);
}

/* ---- writing ---- */

static void put_half(uint8_t *bytes, uint16_t half)
{
    bytes[0] = (uint8_t)half;
    bytes[1] = (uint8_t)(half >> 8);
}

static void write_f32(uint8_t *b, const float *x)
{
    memcpy(b, x, sizeof *x);
}

static void write_f16(uint8_t *b, const float *x)
{
    put_half(b, rec_float_to_half(*x));
}

static void write_bf16(uint8_t *b, const float *x)
{
    uint32_t bits;
    memcpy(&bits, x, sizeof bits);
    bits += 0x7FFF + (bits >> 16 & 1); /* to nearest, ties to even */
    put_half(b, (uint16_t)(bits >> 16));
}

/* d = max |x| / 127, values rounded half away from zero. */
static void write_q8_0(uint8_t *b, const float *x)
{
    float largest = 0.0f;
    for (int i = 0; i < 32; i++)
        largest = fmaxf(largest, fabsf(x[i]));
    float d = largest / 127.0f, inverse = d != 0.0f ? 1.0f / d : 0.0f;
    put_half(b, rec_float_to_half(d));
    for (int i = 0; i < 32; i++)
        b[2 + i] = (uint8_t)(int8_t)roundf(x[i] * inverse);
}

static uint8_t level_q4_1(float x, float min, float inverse)
{
    float level = floorf((x - min) * inverse + 0.5f);
    return (uint8_t)(level < 15.0f ? level : 15.0f);
}

/* d = (max - min) / 15, values counted from the minimum. */
static void write_q4_1(uint8_t *b, const float *x)
{
    float min = x[0], max = x[0];
    for (int i = 1; i < 32; i++) {
        min = fminf(min, x[i]);
        max = fmaxf(max, x[i]);
    }
    float d = (max - min) / 15.0f, inverse = d != 0.0f ? 1.0f / d : 0.0f;
    put_half(b, rec_float_to_half(d));
    put_half(b + 2, rec_float_to_half(min));
    for (int i = 0; i < 16; i++)
        b[4 + i] =
            (uint8_t)(level_q4_1(x[i], min, inverse) | level_q4_1(x[i + 16], min, inverse) << 4);
}

typedef struct writer {
    void (*write)(uint8_t *block, const float *values); /* one block; NULL = not written */
    float max; /* largest |value| whose scales fit half precision */
} writer;

static const writer writers[REC_N_FORMATS] = {
    [REC_FORMAT_F32] = {write_f32, 3.402823466e+38f},
    [REC_FORMAT_F16] = {write_f16, 65504.0f},
    [REC_FORMAT_BF16] = {write_bf16, 3.38e+38f},
    [REC_FORMAT_Q8_0] = {write_q8_0, 65504.0f * 127.0f},
    [REC_FORMAT_Q4_1] = {write_q4_1, 65504.0f},
};

bool rec_weight_format_is_writable(rec_weight_format f)
{
    return writers[f].write != NULL;
}

rec_status rec_quantise(void *out, rec_weight_format f, const float *values, size_t n,
                        rec_error *err)
{
    const writer *it = &writers[f];
    assert(it->write != NULL && n % formats[f].block == 0);
    for (size_t i = 0; i < n; i++) {
        if (!(fabsf(values[i]) <= it->max))
            return rec_fail(err, REC_ERR_MODEL, "value %zu is %g: not finite, or too large for %s",
                            i, (double)values[i], formats[f].name);
    }
    uint8_t *b = out;
    for (size_t i = 0; i < n; i += formats[f].block, b += formats[f].bytes)
        it->write(b, values + i);
    return REC_OK;
}
