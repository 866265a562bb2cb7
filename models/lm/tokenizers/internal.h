/** What the files of this folder share: vocabulary, pipeline steps, the three models. */
#ifndef REC_MODELS_LM_TOKENIZERS_INTERNAL_H
#define REC_MODELS_LM_TOKENIZERS_INTERNAL_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "models/lm/tokenizers/charsmap.h"
#include "models/lm/tokenizers/tokenizer.h"

/* ---- characters (unicode.c) ---- */

typedef enum rec_char_class {
    REC_CHAR_OTHER,
    REC_CHAR_LETTER,
    REC_CHAR_NUMBER,
    REC_CHAR_SPACE
} rec_char_class;

/** Decode the character at text[0..n); its length in bytes, 1 for a malformed byte (code U+FFFD). */
size_t rec_utf8_next(uint32_t *code, const char *text, size_t n);
rec_char_class rec_char_class_of(uint32_t code); /* \p{L}, \p{N}, White_Space */
bool rec_char_is_punctuation(uint32_t code);     /* ASCII punctuation or \p{P} */
bool rec_char_is_control(uint32_t code);         /* \p{C} without tab, newline, return */
bool rec_char_is_cjk(uint32_t code);             /* BERT's "Chinese character" blocks */

/* ---- vocabulary (vocab.c) ---- */

/** Byte strings <-> dense ids, gaps allowed. */
typedef struct rec_vocab {
    size_t n;      /* one more than the largest id */
    char **pieces; /* (n) owned; NULL = gap */
    uint32_t *lengths;
    uint32_t *slots; /* hash table of ids */
    size_t mask, n_used;
    size_t max_length;
} rec_vocab;

rec_status rec_vocab_reserve(rec_vocab *v, size_t n_ids, rec_error *err);
/** REC_ERR_MODEL for an id or a piece that is there already. */
rec_status rec_vocab_add(rec_vocab *v, uint32_t id, const char *piece, size_t length,
                         rec_error *err);
uint32_t rec_vocab_find(const rec_vocab *v, const char *piece, size_t length);
/** With the FNV-1a state of the piece at hand: callers that extend a prefix hash byte by byte. */
uint32_t rec_vocab_find_hashed(const rec_vocab *v, uint64_t hash, const char *piece, size_t length);
void rec_vocab_deinit(rec_vocab *v);

static inline uint64_t rec_fnv_start(void)
{
    return 0xCBF29CE484222325u;
}
static inline uint64_t rec_fnv_step(uint64_t hash, unsigned char byte)
{
    return (hash ^ byte) * 0x100000001B3u;
}

/* ---- pipeline steps ---- */

typedef enum rec_normalizer_kind {
    REC_NORMALIZE_FORM, /* Unicode normal form, utf8proc options in `form` */
    REC_NORMALIZE_BERT,
    REC_NORMALIZE_LOWER,
    REC_NORMALIZE_STRIP_ACCENTS,
    REC_NORMALIZE_PREPEND, /* text_a in front of a text that is not empty */
    REC_NORMALIZE_REPLACE, /* text_a (or the pattern) by text_b */
    REC_NORMALIZE_STRIP,   /* white space at the ends: left, right */
    REC_NORMALIZE_CHARSMAP,
} rec_normalizer_kind;

typedef struct rec_normalizer {
    rec_normalizer_kind kind;
    int form;
    char *text_a, *text_b;                              /* owned */
    pcre2_code *pattern;                                /* owned; NULL: text_a literally */
    bool clean_text, chinese, strip_accents, lowercase; /* BERT */
    bool left, right;
    rec_charsmap *charsmap; /* owned */
} rec_normalizer;

/** Replace the text in `text` by its normal form; `scratch` is overwritten. */
rec_status rec_normalize(rec_buffer *text, rec_buffer *scratch, const rec_normalizer *step,
                         rec_error *err);

typedef enum rec_splitter_kind {
    REC_SPLIT_GPT2,   /* 's|'t|...| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ */
    REC_SPLIT_LLAMA3, /* Llama 3 and Qwen: digits in runs of at most max_digits */
    REC_SPLIT_PATTERN,
    REC_SPLIT_DIGITS,
    REC_SPLIT_BERT,
    REC_SPLIT_SPACE, /* at White_Space, which is dropped */
    REC_SPLIT_METASPACE,
} rec_splitter_kind;

typedef enum rec_split_behaviour {
    REC_ISOLATED,
    REC_REMOVED,
    REC_MERGED_WITH_PREVIOUS
} rec_split_behaviour;

typedef struct rec_splitter {
    rec_splitter_kind kind;
    size_t max_digits;     /* LLAMA3; DIGITS: 1 = each alone, 0 = runs */
    bool add_prefix_space; /* GPT2, LLAMA3: a blank in front of a text without one */
    pcre2_code *pattern;   /* PATTERN; owned */
    rec_split_behaviour behaviour;
    bool inverted;                           /* PATTERN: matches are the gaps */
    bool prepend, prepend_first_only, split; /* METASPACE */
} rec_splitter;

typedef rec_status (*rec_piece_fn)(void *context, const char *bytes, size_t n, rec_error *err);

/** Cut text into pieces, in order. is_start: the text is the beginning of the input. */
rec_status rec_split(const rec_splitter *step, const char *text, size_t n, bool is_start,
                     rec_piece_fn emit, void *context, rec_error *err);

pcre2_code *rec_pattern_compile(const char *pattern, const char *where, rec_error *err);
void rec_pattern_free(pcre2_code *pattern);

/* ---- models: ids of one piece ---- */

typedef struct rec_merge {
    uint64_t pair; /* left << 32 | right */
    uint32_t rank, id;
} rec_merge;

typedef struct rec_bpe {
    rec_merge *table; /* open addressing; rank UINT32_MAX = empty */
    size_t mask, n_merges;
    uint32_t byte_ids[256]; /* BYTES: id of each byte; otherwise of <0xXX>; REC_NO_TOKEN */
    bool bytes;             /* symbols are bytes, else characters */
    bool byte_fallback, fuse_unknown;
    bool ignore_merges; /* a piece that is a token is that token */
    uint32_t unknown;
    unsigned char *whole; /* (vocabulary) 0 = not known yet, 1 = encodes to itself, 2 = does not,
                               3 = steers a chat: never produced from plain text */
} rec_bpe;

/** Ids of the 256 byte tokens: the byte itself (raw) or "<0xXX>"; REC_NO_TOKEN where there is none. */
void rec_find_byte_tokens(uint32_t byte_ids[256], const rec_vocab *v, bool raw);

rec_status rec_bpe_reserve(rec_bpe *m, size_t n_merges, rec_error *err);
/** Merges come in order of their rank. A pair that is there already keeps its first rank. */
void rec_bpe_add_merge(rec_bpe *m, uint32_t left, uint32_t right, uint32_t id);
rec_status rec_bpe_encode(rec_token_list *ids, const rec_bpe *m, const rec_vocab *v,
                          const char *piece, size_t n, rec_error *err);
void rec_bpe_deinit(rec_bpe *m);

typedef struct rec_wordpiece {
    char *prefix; /* "##", owned */
    size_t max_characters;
    uint32_t unknown;
} rec_wordpiece;

rec_status rec_wordpiece_encode(rec_token_list *ids, const rec_wordpiece *m, const rec_vocab *v,
                                const char *piece, size_t n, rec_error *err);

typedef struct rec_unigram {
    double *scores; /* (vocabulary), owned; NaN = not to be matched (special tokens) */
    double unknown_score;
    uint32_t unknown;
    bool byte_fallback;
    uint32_t byte_ids[256];
} rec_unigram;

rec_status rec_unigram_encode(rec_token_list *ids, const rec_unigram *m, const rec_vocab *v,
                              const char *piece, size_t n, rec_error *err);

/* ---- the tokenizer ---- */

typedef enum rec_token_model {
    REC_TOKENS_BPE,
    REC_TOKENS_WORDPIECE,
    REC_TOKENS_UNIGRAM
} rec_token_model;
typedef enum rec_decoder_kind {
    REC_DECODE_BYTES,
    REC_DECODE_WORDPIECE,
    REC_DECODE_MARKS
} rec_decoder_kind;

typedef struct rec_added_token {
    char *content; /* owned */
    size_t length;
    uint32_t id;
    bool special; /* skipped by decoding when asked */
    bool control; /* only matched where REC_TOKENIZE_PARSE_SPECIAL is set */
    bool lstrip, rstrip, single_word;
} rec_added_token;

struct rec_tokenizer {
    rec_vocab vocab; /* pieces as the model sees them: raw bytes for byte-level BPE */
    size_t n_added;
    rec_added_token *added; /* longest content first */
    bool added_first_byte[256];
    unsigned char *special; /* (vocab.n) */
    size_t n_normalizers, n_splitters;
    rec_normalizer *normalizers;
    rec_splitter *splitters;
    rec_token_model model;
    rec_bpe bpe;
    rec_wordpiece wordpiece;
    rec_unigram unigram;
    rec_token_list prefix, suffix; /* what the post-processor adds */
    rec_decoder_kind decoder;
    bool cleanup;           /* WORDPIECE */
    bool strip_first_space; /* MARKS: the first token loses one leading blank */
};

rec_status rec_tokenizer_new(rec_tokenizer **out, rec_error *err);
/** After vocabulary, model and added tokens are set: order, index and check them. */
rec_status rec_tokenizer_finish(rec_tokenizer *t, rec_error *err);
rec_normalizer *rec_tokenizer_add_normalizer(rec_tokenizer *t, rec_error *err);
rec_splitter *rec_tokenizer_add_splitter(rec_tokenizer *t, rec_error *err);
rec_status rec_tokenizer_add_token(rec_tokenizer *t, uint32_t id, const char *content, bool special,
                                   rec_error *err);

/** GPT-2's printable stand-ins: byte -> code point and back (REC_NO_TOKEN when none). */
uint32_t rec_byte_to_code(unsigned char byte);
uint32_t rec_code_to_byte(uint32_t code);
/** A stand-in text as raw bytes; false when it holds anything else. out (n), *length set. */
bool rec_bytes_from_stand_ins(char *out, size_t *length, const char *text, size_t n);

#endif
