/** What a win rate would be if both answers were equally long. */
#ifndef REC_HARNESS_JUDGES_LENGTH_CONTROL_H
#define REC_HARNESS_JUDGES_LENGTH_CONTROL_H

#include <stddef.h>

#include "core/status.h"

/**
 * Length-controlled win rate after "Length-controlled AlpacaEval: a simple way to debias automatic
 * evaluators" (COLM 2024): logistic regression
 *     P(preferred) = 1 / (1 + exp(-(theta + phi * tanh(d / sd(d)))))
 * of the preference on the difference d of the lengths, then the prediction at d = 0. The paper's
 * third term, the difficulty of a question, needs many systems at once and is left out. Both
 * coefficients have a normal prior (ridge penalty of 0.005 times their squares), so that one system
 * winning everything has a finite answer.
 * @param share    (n) 0 .. 1 of each sample, a tie 0.5; NaN = left out
 * @param lengths  (n) of the evaluated answers; baseline (n) likewise; any one unit
 * @return NaN without samples
 */
double rec_length_controlled_win_rate(const double *share, const double *lengths,
                                      const double *baseline, size_t n);

#endif
