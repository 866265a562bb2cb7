#include "models/reclm_emb/general.h"

#include <math.h>
#include <stdlib.h>

#include "core/blas.h"
#include "core/memory.h"

/* From 5, the same in other words, over 3, the same subject, to 0, nothing in common. */
static const struct {
    double level;
    const char *a, *b;
} pairs[] = {
    {5, "The bus is late again.", "Once more the bus has not come on time."},
    {5, "She closed the window because it was cold.", "It was chilly, so she shut the window."},
    {5, "Nobody was at home.", "The house was empty."},
    {5, "He sold his old bicycle yesterday.", "Yesterday he got rid of his old bike for money."},
    {5, "The soup needs more salt.", "There is not enough salt in the soup."},
    {5, "The children are asleep.", "The kids are sleeping."},
    {5, "Rain is expected tomorrow.", "It will probably rain tomorrow."},
    {5, "The shop opens at nine.", "You can enter the store from nine o'clock."},
    {5, "My sister teaches physics.", "My sister is a physics teacher."},
    {5, "They painted the fence green.", "The fence was given a green coat of paint."},
    {4, "A man is repairing a roof.", "Someone fixes the top of a house."},
    {4, "The train leaves at noon.", "The train departs around midday on weekdays."},
    {4, "We had dinner by the lake.", "We ate in the evening near the water."},
    {4, "The dog chased the ball.", "A dog ran after a toy in the park."},
    {4, "She won the chess tournament.", "She came first in a chess competition last week."},
    {4, "He lost his keys on the beach.", "His keys disappeared somewhere by the sea."},
    {4, "The bridge is closed for repairs.", "Cars cannot cross the bridge this month."},
    {4, "I forgot my umbrella.", "I left my umbrella at the office."},
    {4, "The museum was crowded.", "There were many visitors in the gallery."},
    {4, "Prices rose by a tenth.", "Everything became about ten per cent dearer."},
    {3, "The cat sleeps on the sofa.", "The cat plays with a piece of string."},
    {3, "He plays the violin in an orchestra.", "He bought a new violin bow."},
    {3, "The flight to Oslo was cancelled.", "The airport in Oslo is being enlarged."},
    {3, "She planted tomatoes in spring.", "The garden is full of weeds."},
    {3, "The doctor wrote a prescription.", "The nurse measured his temperature."},
    {3, "They argued about politics.", "The election is in two weeks."},
    {3, "The baker sells rye bread.", "The bakery opens early."},
    {3, "My phone has no battery left.", "This phone takes good pictures."},
    {3, "The river flooded the valley.", "We went swimming in the river."},
    {3, "He is writing a novel.", "The library lends novels for a month."},
    {2, "The teacher explained fractions.", "The pupils went home early."},
    {2, "A cyclist stopped at the lights.", "The traffic in the city is heavy."},
    {2, "She drinks coffee every morning.", "Tea is grown in the mountains."},
    {2, "The ship reached the harbour.", "Fishing has become difficult."},
    {2, "He wears a blue jacket.", "The scarf was made of wool."},
    {2, "The lawn needs to be cut.", "Trees lose their leaves in autumn."},
    {2, "They stayed in a small hotel.", "The tent leaked all night."},
    {2, "The oven is broken.", "He washed the dishes after lunch."},
    {2, "The court decided in her favour.", "The police searched the flat."},
    {2, "Snow covered the road.", "The lake is warm in August."},
    {1, "The computer restarted by itself.", "The radio played an old song."},
    {1, "He broke his arm while skiing.", "The match ended in a draw."},
    {1, "The cook chopped onions.", "The plates are stored in the cupboard above."},
    {1, "She reads the newspaper.", "He sent a letter to his aunt."},
    {1, "The candle went out.", "The street lamps are new."},
    {1, "A horse stood in the field.", "Sparrows nest under the roof."},
    {1, "The carpenter made a table.", "The curtains are too long."},
    {1, "We walked through the forest.", "The map was printed last year."},
    {1, "The bank raised its fees.", "The company hired twenty people."},
    {1, "He learns Spanish.", "The word has three syllables."},
    {0, "The bus is late again.", "Honey never spoils."},
    {0, "She closed the window.", "The stock exchange fell on Monday."},
    {0, "The cat sleeps on the sofa.", "Granite is harder than marble."},
    {0, "He sold his old bicycle.", "The choir rehearses in the chapel."},
    {0, "The soup needs more salt.", "Satellites measure the height of the sea."},
    {0, "The doctor wrote a prescription.", "The carpet is red."},
    {0, "Rain is expected tomorrow.", "My uncle collects stamps."},
    {0, "The teacher explained fractions.", "Penguins cannot fly."},
    {0, "He plays the violin.", "The contract ends in March."},
    {0, "They painted the fence green.", "Her passport has expired."},
};
enum { N_PAIRS = sizeof pairs / sizeof *pairs };

typedef struct ranked {
    double value;
    size_t index;
} ranked;

static int compare_values(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Ranks from 1, equal values at the mean of theirs. */
static void rank_values(double *ranks, ranked *scratch, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        scratch[i] = (ranked){values[i], i};
    qsort(scratch, n, sizeof *scratch, compare_values);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && scratch[end].value == scratch[first].value; end++)
            ;
        for (size_t i = first; i < end; i++)
            ranks[scratch[i].index] = ((double)first + 1.0 + (double)end) / 2.0;
    }
}

static double correlation(const double *x, const double *y, size_t n)
{
    double mean_x = 0.0, mean_y = 0.0, xx = 0.0, yy = 0.0, xy = 0.0;
    for (size_t i = 0; i < n; i++) {
        mean_x += x[i] / (double)n;
        mean_y += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    return xx > 0.0 && yy > 0.0 ? xy / sqrt(xx * yy) : NAN;
}

rec_status rec_emb_spearman(double *out, const double *x, const double *y, size_t n, rec_error *err)
{
    double *ranks_x = NULL, *ranks_y = NULL;
    ranked *scratch = NULL;
    rec_status status;
    REC_TRY_NEW(ranks_x, n, err);
    REC_TRY_NEW(ranks_y, n, err);
    REC_TRY_NEW(scratch, n, err);
    rank_values(ranks_x, scratch, x, n);
    rank_values(ranks_y, scratch, y, n);
    *out = correlation(ranks_x, ranks_y, n);
    status = REC_OK;
cleanup:
    free(ranks_x);
    free(ranks_y);
    free(scratch);
    return status;
}

rec_status rec_emb_general_value(double *out, const rec_emb_model *m, rec_error *err)
{
    const char *texts[2 * N_PAIRS];
    double cosines[N_PAIRS], levels[N_PAIRS];
    float *vectors = rec_alloc(2 * N_PAIRS * m->dim, sizeof *vectors, err);
    if (vectors == NULL)
        return REC_ERR_RESOURCE;
    for (size_t i = 0; i < N_PAIRS; i++) {
        texts[2 * i] = pairs[i].a;
        texts[2 * i + 1] = pairs[i].b;
        levels[i] = pairs[i].level;
    }
    rec_status status =
        rec_emb_model_embed(vectors, m, REC_EMB_QUERY, texts, (size_t)2 * N_PAIRS, err);
    for (size_t i = 0; i < N_PAIRS && status == REC_OK; i++) {
        const float *a = vectors + 2 * i * m->dim, *b = a + m->dim;
        double lengths = sqrt((double)rec_dot(a, a, m->dim) * (double)rec_dot(b, b, m->dim));
        cosines[i] = lengths > 0.0 ? (double)rec_dot(a, b, m->dim) / lengths : 0.0;
    }
    free(vectors);
    return status == REC_OK ? rec_emb_spearman(out, cosines, levels, N_PAIRS, err) : status;
}
