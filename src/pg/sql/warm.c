/*
 * warm.c - slab_warm(): reads an index into shared buffers, what searches need most first.
 */
#include "postgres.h"

#include "access/genam.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/spccache.h"

#include "base/stop_point.h"
#include "pgslab/index.h"
#include "pgslab/verify.h"
#include "sql/index.h"
#include "store/error.h"
#include "store/page.h"

/* Blocks are read in this order. */
typedef enum Turn {
    TURN_META,  /* the metapage, the codebook, where the lists or postings are */
    TURN_LISTS, /* and postings */
    TURN_REFINE,
    TURN_RECORDS, /* and pieces, which are all that there is of rows in no segment */
    TURN_SLAB,
    TURN_NEVER
} Turn;

/* The operating system is asked for so many blocks ahead at most. */
#define MOST_AHEAD 256

typedef struct Walk {
    PGAlignedBlock meta;
    BlockNumber end;
    Turn turn;
    Turn last_turn;
    BlockNumber next; /* to look at, in this turn */
    int64 budget;     /* blocks left */
} Walk;

static Turn turn_of(PgsRole role) {
    switch (role) {
        case PGS_ROLE_META:
        case PGS_ROLE_CODEBOOK:
        case PGS_ROLE_DIRECTORY:
        case PGS_ROLE_SEGMENT:
            return TURN_META;
        case PGS_ROLE_LIST:
        case PGS_ROLE_POSTING:
            return TURN_LISTS;
        case PGS_ROLE_REFINE:
            return TURN_REFINE;
        case PGS_ROLE_RECORD:
        case PGS_ROLE_PIECE:
            return TURN_RECORDS;
        case PGS_ROLE_SLAB:
            return TURN_SLAB;
        default:
            return TURN_NEVER; /* nobody reads it */
    }
}

static Turn last_turn(const char *what) {
    if (strcmp(what, "meta") == 0)
        return TURN_META;
    if (strcmp(what, "codes") == 0)
        return TURN_RECORDS;
    if (strcmp(what, "all") == 0)
        return TURN_SLAB;
    ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("an index has nothing called \"%s\" to read", what),
            errhint("Valid values are \"meta\", \"codes\" and \"all\"."));
}

static int64 checked_budget(int64 budget) {
    if (budget <= 0)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("budget must be greater than zero"),
                errdetail("It is the number of blocks to read at most, and was " INT64_FORMAT ".",
                          budget),
                errhint("Leave it out to read all blocks."));
    return budget;
}

static BlockNumber next_block(Walk *walk) {
    for (; walk->turn <= walk->last_turn; walk->turn++, walk->next = 0)
        while (walk->next < walk->end && walk->budget > 0) {
            BlockNumber block = walk->next++;

            CHECK_FOR_INTERRUPTS();
            if (turn_of(pgs_block_role(walk->meta.data, block)) == walk->turn) {
                walk->budget--;
                return block;
            }
        }
    return InvalidBlockNumber;
}

static void read_block(Relation index, const void *meta, BlockNumber block) {
    Buffer buffer = slab_read_buffer(index, block, BUFFER_LOCK_SHARE, NULL);

    if (pgs_page_damaged(BufferGetPage(buffer))) {
        PgsError damage = {PGS_CORRUPT, block, "the page's checksum is wrong"};

        slab_raise_read(index, meta, damage.status, &damage);
    }
    UnlockReleaseBuffer(buffer);
}

/* Reads the blocks of the walk, with reads under way for some ahead; returns how many there were.
 */
static int64 read_blocks(Relation index, Walk *walk) {
    BlockNumber queue[MOST_AHEAD]; /* a ring: asked for and not read yet */
    int ahead = get_tablespace_io_concurrency(index->rd_rel->reltablespace);
    int first = 0;
    int queued = 0;
    int64 blocks = 0;

    ahead = Min(Max(ahead, 1), MOST_AHEAD);
    for (;;) {
        BlockNumber block;

        while (queued < ahead && (block = next_block(walk)) != InvalidBlockNumber) {
            if (ahead > 1)
                (void)PrefetchBuffer(index, MAIN_FORKNUM, block);
            queue[(first + queued++) % MOST_AHEAD] = block;
        }
        if (queued == 0)
            return blocks;
        read_block(index, walk->meta.data, queue[first]);
        first = (first + 1) % MOST_AHEAD;
        queued--;
        blocks++;
    }
}

PG_FUNCTION_INFO_V1(slab_warm);
Datum slab_warm(PG_FUNCTION_ARGS) {
    Relation index;
    Walk walk = {.turn = TURN_META};
    PgsMetaInfo info;
    int64 blocks;

    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_NULL();
    walk.last_turn = last_turn(text_to_cstring(PG_GETARG_TEXT_PP(1)));
    walk.budget = PG_ARGISNULL(2) ? PG_INT64_MAX : checked_budget(PG_GETARG_INT64(2));
    index = slab_open_index(PG_GETARG_OID(0));
    slab_require_select(index);
    slab_read_meta(index, &walk.meta);
    pgs_meta_info(walk.meta.data, &info);
    walk.end = info.formatted_end;
    SLAB_STOP("warm");
    blocks = read_blocks(index, &walk);
    index_close(index, AccessShareLock);
    PG_RETURN_INT64(blocks);
}
