/** Is a request allowed? A shared key, compared in constant time. */
#ifndef REC_HARNESS_SERVE_API_KEY_H
#define REC_HARNESS_SERVE_API_KEY_H

#include <stdbool.h>

/** @param authorization  value of that header, "Bearer KEY", or NULL
 *  @param api_key        value of that header, KEY, as clients of Azure OpenAI send it; or NULL
 *  @param key            NULL: everybody may */
bool rec_api_key_allows(const char *authorization, const char *api_key, const char *key);

#endif
