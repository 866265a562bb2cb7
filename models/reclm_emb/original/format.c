#include "models/reclm_emb/original/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/json.h"

/* Python goes over to an exponent at 1e16, %.15g at 1e15. */
void rec_emb_float_text(char out[REC_EMB_NUMBER_MAX], double value)
{
    char digits[32];
    rec_format_double(digits, value);
    if (fabs(value) >= 1e15 && fabs(value) < 1e16)
        snprintf(out, REC_EMB_NUMBER_MAX, "%.1f", value);
    else
        snprintf(out, REC_EMB_NUMBER_MAX, "%s%s", digits,
                 strpbrk(digits, ".e") == NULL ? ".0" : "");
}

void rec_emb_long_date(char out[REC_EMB_NUMBER_MAX], double seconds)
{
    char month[REC_EMB_NUMBER_MAX];
    time_t moment = (time_t)seconds;
    struct tm calendar = {.tm_mday = 0};
    out[0] = '\0';
    if (isnan(seconds))
        return;
    gmtime_r(&moment, &calendar);
    rec_emb_date_text(month, seconds, false);
    const char *blank = strchr(month, ' '); /* between month and year */
    snprintf(out, REC_EMB_NUMBER_MAX, "%.*s %02d,%s", (int)(blank - month), month, calendar.tm_mday,
             blank);
}
