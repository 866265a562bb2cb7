/** The kinds of systems by name (kinds.def); used by the kinds themselves and by system.c. */
#ifndef REC_HARNESS_SYSTEMS_KINDS_H
#define REC_HARNESS_SYSTEMS_KINDS_H

#include "harness/systems/system.h"

#define REC_SYSTEM_KIND(name) extern const rec_system_kind rec_system_kind_##name;
#include "harness/systems/kinds.def"
#undef REC_SYSTEM_KIND

#endif
