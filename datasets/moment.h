/** Moments in options: a date or seconds since 1970 UTC. */
#ifndef REC_DATASETS_MOMENT_H
#define REC_DATASETS_MOMENT_H

#include "core/status.h"

/** @return REC_ERR_CONFIG "key: ..." for a text that is neither. */
rec_status rec_moment_parse(double *out, const char *text, const char *key, rec_error *err);

#endif
