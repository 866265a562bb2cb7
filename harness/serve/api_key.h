/** Is a request allowed? A shared key, compared in constant time. */
#ifndef REC_HARNESS_SERVE_API_KEY_H
#define REC_HARNESS_SERVE_API_KEY_H

#include <stdbool.h>

/** @param header  value of Authorization, or NULL
 *  @param key     what must follow "Bearer "; NULL: everybody may */
bool rec_api_key_allows(const char *header, const char *key);

#endif
