/*
 * stop_point.h - places where a test can hold a process, or have it fail. Include postgres.h first.
 *
 * Only builds with PGSLAB_STOP_POINTS have any. There
 *   SET slab.stop_at = 'name'  has whoever comes to SLAB_STOP("name") wait for the advisory lock
 *                              SLAB_STOP_LOCK, as pg_advisory_lock_shared(20907) would, and go on
 *                              at once when nobody holds it: a test holds it in another session;
 *   SET slab.fail_at = 'name'  raises an error there.
 * Both are looked at each time the place is passed. A process that waits can be cancelled. No page
 * may be locked at such a place. Under the extension lock, where no lock may be taken, a place can
 * only fail: "growing", and "writing" in a growth.
 */
#ifndef PGSLAB_STOP_POINT_H
#define PGSLAB_STOP_POINT_H

#ifdef PGSLAB_STOP_POINTS

#define SLAB_STOP_LOCK 20907
#define SLAB_STOP(name) slab_stop_point(name)
extern void slab_init_stop_points(void);
extern void slab_stop_point(const char *name);

#else

#define SLAB_STOP(name) ((void)0)
#define slab_init_stop_points() ((void)0)

#endif

#endif
