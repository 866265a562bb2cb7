/** Words of the synthetic catalogue: what an item of a topic is called, tagged and described with. */
#ifndef REC_DATASETS_SYNTH_WORDS_H
#define REC_DATASETS_SYNTH_WORDS_H

#include <stddef.h>

enum { REC_SYNTH_NOUNS = 8, REC_SYNTH_TAGS = 4 };

typedef struct rec_synth_topic {
    const char *name;
    const char *nouns[REC_SYNTH_NOUNS]; /* in titles */
    const char *tags[REC_SYNTH_TAGS];
    const char *phrase; /* in descriptions */
} rec_synth_topic;

extern const rec_synth_topic rec_synth_topics[];
extern const size_t rec_synth_n_topics;
extern const char *const rec_synth_adjectives[];
extern const size_t rec_synth_n_adjectives;
extern const char *const rec_synth_makers[];
extern const size_t rec_synth_n_makers;
extern const char *const rec_synth_moods[];
extern const size_t rec_synth_n_moods;

#endif
