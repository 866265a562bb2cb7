# A text file as C: cmake -D INPUT=FILE -D SYMBOL=NAME -D OUTPUT=FILE.c -P embed_text.cmake
file(READ ${INPUT} bytes HEX)
string(LENGTH "${bytes}" n)
math(EXPR n "${n} / 2")
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "#include <stddef.h>
extern const char ${SYMBOL}[];
extern const size_t ${SYMBOL}_length;
const char ${SYMBOL}[] = {${bytes}0};
const size_t ${SYMBOL}_length = ${n};
")
