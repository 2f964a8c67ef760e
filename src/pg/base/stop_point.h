/*
 * stop_point.h - places where a test can hold a process, or have it fail. Include postgres.h first.
 *
 * Only builds with PGSLAB_STOP_POINTS have any. There
 *   SET slab.stop_at = 'name'  has whoever comes to SLAB_STOP("name") wait for the advisory lock
 *                              SLAB_STOP_LOCK, as pg_advisory_lock_shared(20907) would, and go on
 *                              at once when nobody holds it: a test holds it in another session;
 *   SET slab.fail_at = 'name'  raises an error there.
 * Both are looked at each time the place is passed. A process that waits can be cancelled. No page
 * may be locked at such a place. Under the extension lock no other may be taken: there
 * SLAB_STOP_WITHOUT_LOCK() looks again and again whether somebody holds SLAB_STOP_LOCK; and
 * "writing", when it is met in a growth, can only fail.
 */
#ifndef PGSLAB_BASE_STOP_POINT_H
#define PGSLAB_BASE_STOP_POINT_H

#ifdef PGSLAB_STOP_POINTS

#define SLAB_STOP_LOCK 20907
#define SLAB_STOP(name) slab_stop_point(name, false)
#define SLAB_STOP_WITHOUT_LOCK(name) slab_stop_point(name, true)
extern void slab_init_stop_points(void);
extern void slab_stop_point(const char *name, bool no_lock);

#else

#define SLAB_STOP(name) ((void)0)
#define SLAB_STOP_WITHOUT_LOCK(name) ((void)0)
#define slab_init_stop_points() ((void)0)

#endif

#endif
