#include "datasets/moment.h"

#include <string.h>

#include "datasets/number.h"

rec_status rec_moment_parse(double *out, const char *text, const char *key, rec_error *err)
{
    size_t length = strlen(text);
    if (rec_date_parse(out, text, length) || rec_number_parse(out, text, length) == REC_NUMBER_OK)
        return REC_OK;
    return rec_fail(err, REC_ERR_CONFIG,
                    "%s: \"%s\" is neither a date (2014-07-01) nor seconds since 1970", key, text);
}
