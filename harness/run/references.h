/** Names in options that stand for other entries: they must exist, do what the option needs, and must not
 * run in circles. */
#ifndef REC_HARNESS_RUN_REFERENCES_H
#define REC_HARNESS_RUN_REFERENCES_H

#include "harness/run/config.h"

/** Fill uses of every system and the order in which they can be built. */
rec_status rec_resolve_references(rec_config *c, rec_error *err);

#endif
