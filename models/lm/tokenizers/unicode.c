/* Character classes of the tokenizers, on utf8proc's tables with a fast path for ASCII. */
#include <ctype.h>
#include <utf8proc.h>

#include "core/utf8.h"
#include "models/lm/tokenizers/internal.h"

size_t rec_utf8_next(uint32_t *code, const char *text, size_t n)
{
    unsigned char first = (unsigned char)text[0];
    if (first < 0x80) {
        *code = first;
        return 1;
    }
    size_t length = rec_utf8_decode(code, text, n);
    if (length > 0)
        return length;
    *code = 0xFFFD;
    return 1;
}

static bool is_white_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || c == 32 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

rec_char_class rec_char_class_of(uint32_t c)
{
    if (c < 0x80) {
        if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
            return REC_CHAR_LETTER;
        if (c >= '0' && c <= '9')
            return REC_CHAR_NUMBER;
        return is_white_space(c) ? REC_CHAR_SPACE : REC_CHAR_OTHER;
    }
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return REC_CHAR_LETTER;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return REC_CHAR_NUMBER;
    default:
        return is_white_space(c) ? REC_CHAR_SPACE : REC_CHAR_OTHER;
    }
}

bool rec_char_is_punctuation(uint32_t c)
{
    if (c < 0x80)
        return ispunct((int)c) != 0;
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

bool rec_char_is_control(uint32_t c)
{
    if (c == '\t' || c == '\n' || c == '\r')
        return false;
    if (c < 0x80)
        return c < 32 || c == 127;
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
           category == UTF8PROC_CATEGORY_CO || category == UTF8PROC_CATEGORY_CS;
}

bool rec_char_is_cjk(uint32_t c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
           (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
           (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

/* GPT-2 writes bytes that are not printable as characters from U+0100 on, in byte order. */
static bool is_printable(unsigned byte)
{
    return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

uint32_t rec_byte_to_code(unsigned char byte)
{
    if (is_printable(byte))
        return byte;
    uint32_t code = 0x100;
    for (unsigned b = 0; b < byte; b++)
        code += !is_printable(b);
    return code;
}

uint32_t rec_code_to_byte(uint32_t code)
{
    if (code < 0x100)
        return is_printable(code) ? code : REC_NO_TOKEN;
    uint32_t next = 0x100;
    for (unsigned b = 0; b < 0x100; b++)
        if (!is_printable(b) && next++ == code)
            return b;
    return REC_NO_TOKEN;
}

bool rec_bytes_from_stand_ins(char *out, size_t *length, const char *text, size_t n)
{
    size_t m = 0;
    for (size_t i = 0; i < n;) {
        uint32_t code;
        i += rec_utf8_next(&code, text + i, n - i);
        uint32_t byte = rec_code_to_byte(code);
        if (byte == REC_NO_TOKEN)
            return false;
        out[m++] = (char)byte;
    }
    *length = m;
    return true;
}
