/** Texts as Python programs read them: days by strptime, ends by strip. For data that such programs made. */
#ifndef REC_DATASETS_PYTHON_TEXT_H
#define REC_DATASETS_PYTHON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/** How much of a date is known. */
typedef enum rec_date_precision { REC_DATE_DAY, REC_DATE_MONTH, REC_DATE_YEAR } rec_date_precision;

/** Seconds of a day written "YYYY-MM-DD" or "Month DD, YYYY", as strptime takes them ("2015-1-5", any
 * case, any blanks between words); false for everything else, days that do not exist among it. */
bool rec_python_date(double *seconds, const char *text);

/** Those, and less precise ones: "YYYY-MM", "Month YYYY", "Month, YYYY", "YYYY": their first moment. */
bool rec_partial_date(double *seconds, rec_date_precision *precision, const char *text);

/** float(text): blanks around, no underscores, no "inf" and "nan". */
bool rec_python_float(double *value, const char *text);

/** Move both ends inwards over what str.strip() takes for blanks (Unicode). */
void rec_strip_blanks(const char **text, size_t *n);

/** The same over string.punctuation and string.whitespace (ASCII). */
void rec_strip_marks(const char **text, size_t *n);

#endif
