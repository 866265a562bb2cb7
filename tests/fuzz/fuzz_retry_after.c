/* A wait that is read is a number of seconds from 0 on, whatever the header says. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "models/lm/endpoint/retry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char text[64];
    double seconds;
    size_t length = n < sizeof text ? n : sizeof text - 1;
    memcpy(text, data, length);
    text[length] = '\0';
    if (rec_retry_after(&seconds, text, 1709208000) && !(seconds >= 0.0 && seconds < 3e11))
        abort();
    return 0;
}
