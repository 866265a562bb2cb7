/* Numbers of tables, as every table of a report has them. */
#include <math.h>
#include <stdio.h>

#include "harness/report/show.h"

void rec_show_number(char out[32], double value)
{
    if (isnan(value))
        snprintf(out, 32, "-");
    else if (fabs(value) < 100.0)
        snprintf(out, 32, "%.4f", value);
    else
        snprintf(out, 32, "%.7g", value);
}

rec_status rec_show_figure(rec_sheet *s, const rec_figure *f, rec_error *err)
{
    if (f == NULL || isnan(f->mean))
        return rec_sheet_cell(s, err, "-");
    char mean[32], half[32];
    rec_show_number(mean, f->mean);
    rec_show_number(half, (f->ci_high - f->ci_low) / 2.0);
    bool has_interval = !isnan(f->ci_high - f->ci_low);
    const char *plus_minus = has_interval ? " \xC2\xB1 " : "";
    if (isnan(f->sd_seeds))
        return rec_sheet_cell(s, err, "%s%s%s", mean, plus_minus, has_interval ? half : "");
    char spread[32];
    rec_show_number(spread, f->sd_seeds);
    return rec_sheet_cell(s, err, "%s%s%s (%s)", mean, plus_minus, has_interval ? half : "",
                          spread);
}
