#include "harness/serve/api_key.h"

#include <string.h>
#include <strings.h>

#include "core/hash.h"

/* Hashes are compared, so that neither the length of the key nor its beginning shows in the time. */
bool rec_api_key_allows(const char *header, const char *key)
{
    static const char scheme[] = "Bearer ";
    char given[REC_SHA256_HEX], wanted[REC_SHA256_HEX];
    unsigned difference = 0;
    if (key == NULL)
        return true;
    if (header == NULL || strncasecmp(header, scheme, strlen(scheme)) != 0)
        return false;
    header += strlen(scheme);
    header += strspn(header, " ");
    if (rec_sha256_bytes(given, header, strlen(header), NULL) != REC_OK ||
        rec_sha256_bytes(wanted, key, strlen(key), NULL) != REC_OK)
        return false;
    for (size_t i = 0; i < REC_SHA256_HEX; i++)
        difference |= (unsigned)(given[i] ^ wanted[i]);
    return difference == 0;
}
