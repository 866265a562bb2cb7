/** The guard between similar titles: parts of a series are similar and yet different. */
#ifndef REC_HARNESS_REPLIES_NUMERALS_H
#define REC_HARNESS_REPLIES_NUMERALS_H

#include "harness/replies/span.h"

/** A number in digits or a roman numeral from i to xx in lower case; white space around it aside. */
bool rec_is_numeral(rec_span word);

/**
 * Whether two titles, both folded (rec_title_folded), tell different parts of a series: their digits or
 * their roman numerals (i to xx) differ, or one ends in a word of one or two
 * characters that the other does not end in.
 */
bool rec_numerals_differ(const char *folded_a, const char *folded_b);

#endif
