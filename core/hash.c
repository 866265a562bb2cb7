#include "core/hash.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"

struct rec_sha256 {
    EVP_MD_CTX *context; /* owned */
    int failed;          /* a failed update makes the digest unusable, reported as all zeros */
};

rec_status rec_sha256_new(rec_sha256 **out, rec_error *err)
{
    rec_sha256 *h = rec_alloc(1, sizeof *h, err);
    if (h == NULL)
        return REC_ERR_RESOURCE;
    h->context = EVP_MD_CTX_new();
    if (h->context == NULL || EVP_DigestInit_ex(h->context, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(h->context);
        free(h);
        return rec_fail(err, REC_ERR_RESOURCE, "cannot start a SHA-256 digest");
    }
    *out = h;
    return REC_OK;
}

void rec_sha256_update(rec_sha256 *h, const void *bytes, size_t n)
{
    if (n > 0 && EVP_DigestUpdate(h->context, bytes, n) != 1)
        h->failed = 1;
}

void rec_sha256_update_string(rec_sha256 *h, const char *text)
{
    uint64_t length = strlen(text);
    unsigned char prefix[8];
    for (int i = 0; i < 8; i++)
        prefix[i] = (unsigned char)(length >> (8 * i));
    rec_sha256_update(h, prefix, sizeof prefix);
    rec_sha256_update(h, text, length);
}

void rec_sha256_finish(char hex[REC_SHA256_HEX], rec_sha256 *h)
{
    if (h == NULL)
        return;
    unsigned char digest[32] = {0};
    if (hex != NULL) {
        if (h->failed || EVP_DigestFinal_ex(h->context, digest, NULL) != 1)
            memset(digest, 0, sizeof digest);
        for (int i = 0; i < 32; i++) {
            hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
            hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
        }
        hex[64] = '\0';
    }
    EVP_MD_CTX_free(h->context);
    free(h);
}

rec_status rec_sha256_bytes(char hex[REC_SHA256_HEX], const void *bytes, size_t n, rec_error *err)
{
    rec_sha256 *h;
    rec_status status = rec_sha256_new(&h, err);
    if (status != REC_OK)
        return status;
    rec_sha256_update(h, bytes, n);
    rec_sha256_finish(hex, h);
    return REC_OK;
}

rec_status rec_sha256_file(char hex[REC_SHA256_HEX], const char *path, rec_error *err)
{
    rec_map map;
    rec_status status = rec_map_open(&map, path, err);
    if (status != REC_OK)
        return status;
    status = rec_sha256_bytes(hex, map.data, map.length, err);
    rec_map_close(&map);
    return status;
}

uint64_t rec_fnv1a(const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    uint64_t h = 0xCBF29CE484222325u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001B3u;
    return h;
}
