/** So many units (requests, tokens) a minute: each start pushes the next possible one back by its share
 * of the minute, so that no minute holds more than the allowance plus one start. The caller's clock. */
#ifndef REC_MODELS_LM_ENDPOINT_PACE_H
#define REC_MODELS_LM_ENDPOINT_PACE_H

typedef struct rec_pace {
    double per_unit; /* seconds; 0 = no limit */
    double next;     /* time of the next possible start */
} rec_pace;

/** @param per_minute  0 = no limit */
rec_pace rec_pace_of(double per_minute);

/** Seconds from `now` until something may start; 0 = now. */
double rec_pace_wait(const rec_pace *p, double now);

/** Something of so many units starts at `now`. */
void rec_pace_take(rec_pace *p, double units, double now);

/** What was taken turned out to be this much more (negative: less). */
void rec_pace_correct(rec_pace *p, double units);

#endif
