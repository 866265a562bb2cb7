/** Base64 (RFC 4648, section 4, with padding). */
#ifndef REC_HARNESS_SERVE_BASE64_H
#define REC_HARNESS_SERVE_BASE64_H

#include "core/buffer.h"

rec_status rec_base64_append(rec_buffer *out, const unsigned char *bytes, size_t n, rec_error *err);

#endif
