/**
 * The forms a title is compared in. Standard mode compares the text itself, then its canonical form.
 * The reclm forms are those of RecLM-eval, which keep ASCII only: a title in another script becomes
 * empty there.
 */
#ifndef REC_HARNESS_REPLIES_TITLES_H
#define REC_HARNESS_REPLIES_TITLES_H

#include "core/status.h"
#include "harness/replies/span.h"

/** The text with every malformed byte replaced by U+FFFD: what models and servers send is data. */
rec_status rec_title_repair(char **out, rec_span text, rec_error *err);

/** Words of any script after Unicode's NFKC_Casefold, one blank between two of them. "" for a text
 * without letters and numbers. New string of the caller. */
rec_status rec_title_folded(char **out, rec_span text, rec_error *err);

/** The folded words without the blanks between them: what makes two spellings one title. */
rec_status rec_title_canonical(char **out, rec_span text, rec_error *err);

/** RecLM-eval, evaluates/TFIDF_model.py: lower case, nothing but a-z, 0-9 and blanks (tabs and line
 * ends are deleted, not replaced, so words join), one blank between words, trimmed. */
rec_status rec_title_clean(char **out, rec_span text, rec_error *err);

/** RecLM-eval, call_models/vllm_models.py: NFKD, then only ASCII letters in lower case and digits. */
rec_status rec_title_ascii(char **out, rec_span text, rec_error *err);

/** RecLM-eval, preprocess/generate_data.py: deletes what is not an ASCII letter or digit, one of
 * "_.,!?;:<>", a blank or a line end. */
rec_status rec_title_sanitise(char **out, rec_span text, rec_error *err);
/** The same in place; the length that is left. Nothing is put behind it. */
size_t rec_sanitise(char *text, size_t n);

#endif
