#include "models/lm/endpoint/pace.h"

rec_pace rec_pace_of(double per_minute)
{
    return (rec_pace){.per_unit = per_minute > 0.0 ? 60.0 / per_minute : 0.0};
}

double rec_pace_wait(const rec_pace *p, double now)
{
    return p->per_unit > 0.0 && p->next > now ? p->next - now : 0.0;
}

void rec_pace_take(rec_pace *p, double units, double now)
{
    p->next = (p->next > now ? p->next : now) + units * p->per_unit;
}

void rec_pace_correct(rec_pace *p, double units)
{
    p->next += units * p->per_unit;
}
