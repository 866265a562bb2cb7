/** Names in options that stand for other entries: they must exist and must not run in circles. */
#ifndef REC_HARNESS_RUN_REFERENCES_H
#define REC_HARNESS_RUN_REFERENCES_H

#include "harness/run/config.h"

/** `lms:` is a mapping of names to mappings with a known `backend`. NULL: none. */
rec_status rec_check_lms(const rec_yaml *lms, rec_error *err);

/** Fill uses of every system and the order in which they can be built. */
rec_status rec_resolve_references(rec_config *c, const rec_yaml *lms, rec_error *err);

#endif
