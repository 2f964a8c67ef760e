/*
 * pgslab_core.h - all of the boundary at once, for tests, which drive all of it.
 */
#ifndef PGSLAB_CORE_H
#define PGSLAB_CORE_H

#include "pgslab/build.h"
#include "pgslab/calibrate.h"
#include "pgslab/codebook.h"
#include "pgslab/filter.h"
#include "pgslab/index.h"
#include "pgslab/insert.h"
#include "pgslab/machine.h"
#include "pgslab/maintain.h"
#include "pgslab/scan.h"
#include "pgslab/signs.h"
#include "pgslab/status.h"
#include "pgslab/svec.h"
#include "pgslab/tid_set.h"
#include "pgslab/types.h"
#include "pgslab/verify.h"

#endif
