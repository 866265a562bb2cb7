#include "harness/replies/subsequence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/dataset.h"

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Longest common subsequence, row by row; length[j] is that of the rows so far and b[0 .. j - 1]. */
static void extend(size_t *length, const bool *equal, size_t m)
{
    size_t left_above = 0;
    for (size_t j = 0; j < m; j++) {
        size_t above = length[j + 1];
        length[j + 1] = equal[j] ? left_above + 1 : larger(above, length[j]);
        left_above = above;
    }
}

rec_status rec_subsequence(size_t *out, const bool *equal, size_t n, size_t m, rec_error *err)
{
    size_t *length = NULL;
    rec_status status = REC_OK;
    *out = 0;
    REC_TRY_NEW(length, m + 1, err);
    for (size_t i = 0; i < n; i++)
        extend(length, equal + i * m, m);
    *out = length[m];
cleanup:
    free(length);
    return status;
}

rec_status rec_subsequence_items(size_t *out, const uint32_t *a, size_t n, const uint32_t *b,
                                 size_t m, rec_error *err)
{
    bool *equal = NULL;
    size_t *length = NULL;
    rec_status status = REC_OK;
    *out = 0;
    REC_TRY_NEW(length, m + 1, err);
    REC_TRY_NEW(equal, m, err);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < m; j++)
            equal[j] = a[i] == b[j] && a[i] != REC_NO_ITEM;
        extend(length, equal, m);
    }
    *out = length[m];
cleanup:
    free(equal);
    free(length);
    return status;
}

/* tests/golden/replies/chance.py */
static const double expected[] = {0.0,
                                  1.0,
                                  1.5,
                                  2.0,
                                  2.4166666666666665,
                                  2.7916666666666665,
                                  3.140277777777778,
                                  3.4652777777777777,
                                  3.7703373015873014,
                                  4.059350198412698,
                                  4.33496059303351,
                                  4.598861055996473,
                                  4.8523804722155415,
                                  5.096691990172893,
                                  5.33280022567132,
                                  5.561526779673791,
                                  5.783543545135466,
                                  5.999418979668578,
                                  6.209649005286783,
                                  6.414670701979656,
                                  6.6148684658671915,
                                  6.810579878078499,
                                  7.002102865533288,
                                  7.1897027875399715,
                                  7.373618097870176,
                                  7.55406432607337,
                                  7.731236887003334,
                                  7.905313334191235,
                                  8.076455408271897,
                                  8.244810949430045,
                                  8.410515609394624,
                                  8.573694303147319,
                                  8.734462401344846,
                                  8.892926713593477,
                                  9.049186325580242,
                                  9.203333338098002,
                                  9.355453532580075,
                                  9.50562697035593,
                                  9.653928526073122,
                                  9.80042835694367,
                                  9.945192313572708};
enum { N_EXACT = sizeof expected / sizeof expected[0] };

double rec_increasing_by_chance(size_t n)
{
    if (n < N_EXACT)
        return expected[n];
    double x = (double)n, sixth = pow(x, 1.0 / 6.0);
    return 2.0 * sqrt(x) - 1.7710868074 * sixth + 0.5 + 0.07780271 / sixth + 0.18548642 / sqrt(x);
}
