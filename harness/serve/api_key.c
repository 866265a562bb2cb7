#include "harness/serve/api_key.h"

#include <string.h>
#include <strings.h>

#include "core/hash.h"

/* Hashes are compared, so that neither the length of the key nor its beginning shows in the time. */
static bool are_equal(const char *a, const char *b)
{
    char x[REC_SHA256_HEX], y[REC_SHA256_HEX];
    unsigned difference = 0;
    if (rec_sha256_bytes(x, a, strlen(a), NULL) != REC_OK ||
        rec_sha256_bytes(y, b, strlen(b), NULL) != REC_OK)
        return false;
    for (size_t i = 0; i < REC_SHA256_HEX; i++)
        difference |= (unsigned)(x[i] ^ y[i]);
    return difference == 0;
}

bool rec_api_key_allows(const char *authorization, const char *api_key, const char *key)
{
    static const char scheme[] = "Bearer ";
    if (key == NULL)
        return true;
    if (authorization == NULL || strncasecmp(authorization, scheme, strlen(scheme)) != 0)
        return api_key != NULL && are_equal(api_key, key);
    authorization += strlen(scheme);
    return are_equal(authorization + strspn(authorization, " "), key);
}
