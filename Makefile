# Builds and installs the extension with PGXS. Tests, benchmarks of the core, sanitizers and fuzzers are CMakeLists.txt's;
# scripts/demo.sh and scripts/test.sh drive both.

EXTENSION = pgslab extension/pgslab_pgvector extension/pgslab_compat
MODULE_big = pgslab
# Of each extension the first version's script, and what each later version adds: CREATE EXTENSION runs one after the other.
DATA = $(wildcard extension/*.sql)

# Whatever sits beside the code to test it has a suffix of its own.
core_src := $(filter-out %_test.cpp %_fuzz.cpp %_bench.cpp,$(wildcard src/core/*/*.cpp))
shim_src := $(wildcard src/pg/*.c src/pg/*/*.c)
OBJS = $(core_src:.cpp=.o) $(shim_src:.c=.o)

PG_CPPFLAGS = -Isrc/core/include -MMD -MP
PG_CFLAGS = -Wno-declaration-after-statement -Wno-vla
PG_CXXFLAGS = -std=c++20 -O3 -fno-math-errno -fvisibility=hidden -fvisibility-inlines-hidden
SHLIB_LINK = -lstdc++ -lisal

# "make installcheck" runs sql/ on the server that PGHOST, PGPORT and PGUSER lead to, in a database of its own. The schedule names
# the tests; PGXS has installcheck do something where REGRESS is not empty, so it is a blank.
empty :=
REGRESS := $(empty) $(empty)
REGRESS_OPTS = --load-extension=pgslab --schedule=$(srcdir)/sql/schedule
ENCODING = UTF8
NO_LOCALE = 1

# No bitcode for the JIT: it would be compiled by clang without the per-file flags below. (Before PGXS, which looks at it once.)
override with_llvm = no

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# Core and shims each see their own folders, and of each other only what src/core/include has.
src/core/%.o: override CPPFLAGS += -Isrc/core
src/pg/%.o: override CPPFLAGS += -Isrc/pg

# Each instruction set has a file of its own, and only that file may use it.
ifneq ($(filter x86_64 i686,$(shell uname -m)),)
src/core/kernels/kernels_avx2.o: override CXXFLAGS += -mavx2 -mfma -mf16c
src/core/kernels/kernels_avx512.o: override CXXFLAGS += -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx2 -mfma -mf16c
endif

-include $(OBJS:.o=.d)

.PHONY: format lint
format:
	@scripts/format.sh
lint:
	@scripts/lint.sh
