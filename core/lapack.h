/** The few LAPACK routines used here, as OpenBLAS exports them (column-major, Fortran calls). */
#ifndef REC_CORE_LAPACK_H
#define REC_CORE_LAPACK_H

#include <stddef.h>

/* Cholesky factor; inverse and solution of nrhs systems from the factor. The upper triangle of a column-major matrix is the
 * lower triangle of the same memory read row-major. The last argument is the length of `uplo`. */
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t);
void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda,
             double *b, const int *ldb, int *info, size_t);

/* Eigenvalues (ascending, in d) and vectors (columns of z) of a symmetric tridiagonal matrix. */
void dsteqr_(const char *compz, const int *n, double *d, double *e, double *z, const int *ldz,
             double *work, int *info, size_t);

#endif
