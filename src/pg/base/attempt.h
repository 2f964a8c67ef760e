/*
 * attempt.h - doing what may fail without failing the caller. Include postgres.h first.
 */
#ifndef PGSLAB_BASE_ATTEMPT_H
#define PGSLAB_BASE_ATTEMPT_H

/*
 * Calls body(arg) in a subtransaction. NULL if that succeeds. Otherwise the subtransaction is
 * rolled back, with every lock, page and file that body held, and the error is returned, allocated
 * in CurrentMemoryContext; a caller that does not know the error rethrows it. What the backend
 * reported of its progress is as before. Not for parallel mode, which has no subtransactions.
 */
extern ErrorData *slab_attempt(void (*body)(void *arg), void *arg);

#endif
