#include "harness/serve/base64.h"

rec_status rec_base64_append(rec_buffer *out, const unsigned char *bytes, size_t n, rec_error *err)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    rec_status status = REC_OK;
    for (size_t i = 0; i < n && status == REC_OK; i += 3) {
        size_t left = n - i;
        unsigned long group = (unsigned long)bytes[i] << 16;
        group |= left > 1 ? (unsigned long)bytes[i + 1] << 8 : 0;
        group |= left > 2 ? (unsigned long)bytes[i + 2] : 0;
        char text[4] = {digits[group >> 18], digits[group >> 12 & 63],
                        left > 1 ? digits[group >> 6 & 63] : '=',
                        left > 2 ? digits[group & 63] : '='};
        status = rec_buffer_append(out, text, 4, err);
    }
    return status;
}
