/**
 * Dense and iterative factorisations in float64 whose bits do not depend on the number of threads:
 * fixed tiles, each one single-threaded BLAS or LAPACK call. (Threaded LAPACK changes the last bits
 * with the thread count.)
 */
#ifndef REC_CORE_LINALG_H
#define REC_CORE_LINALG_H

#include <stddef.h>

#include "core/status.h"

/**
 * Replace a symmetric positive definite matrix by its inverse.
 * @param a  (n, n) row-major; the lower triangle is read, the full symmetric inverse is written;
 *           unspecified on failure
 * @return REC_ERR_DATA when a is not positive definite or not finite
 */
rec_status rec_spd_inverse(double *a, size_t n, rec_error *err);

/** out (n) = A x (n) for a symmetric positive semi-definite operator A. */
typedef rec_status (*rec_symmetric_fn)(double *out, const double *x, void *context, rec_error *err);

/**
 * The k greatest eigenvalues and their eigenvectors, by Lanczos iteration with full
 * reorthogonalisation ("Matrix computations", 4th edition, 2013, sections 10.1 and 10.3).
 * @param values    (k) descending; 0 where the rank of A is below k
 * @param vectors   (k, n) row-major, orthonormal rows; zero rows where the rank is below k
 * @param tolerance bound on |A v - value v| relative to the greatest eigenvalue
 * @return REC_ERR_MODEL when the iteration does not converge (NaN in A)
 */
rec_status rec_symmetric_top(double *values, double *vectors, size_t n, size_t k,
                             rec_symmetric_fn apply, void *context, double tolerance,
                             rec_error *err);

#endif
