#include "store/meta.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "store/layout.h"

namespace pgslab {

namespace {

// Most rows of a segment.
constexpr uint64_t kMostRows = 0xFFFFFFFF;

// Most bytes of an item.
constexpr uint32_t kMostItem = 1 << 20;

// The largest handle that make_address() has room for.
constexpr uint32_t kMostHandle = (1u << (64 - kAddressSlotBits)) - 1;
static_assert(kMostHandle > UINT16_MAX);

uint32_t meta_bytes(const Meta &meta) noexcept {
    return static_cast<uint32_t>(offsetof(Meta, extent) + meta.extents * sizeof(Extent));
}

bool has_end(const char (&text)[kTextBytes]) noexcept {
    return text[kTextBytes - 1] == '\0';
}

// An item that is not whole crosses pages at such multiples from its start only.
bool column_is_possible(const Column &column) noexcept {
    const bool is_whole = (column.flags & kWhole) != 0;
    const bool keeps_cuts =
        column.item > 0 && (kLineBytes % column.item == 0 || column.item % kCutBytes == 0);
    return column.item > 0 && (column.flags & ~(kWhole | kValues | kInsertedOnly)) == 0 &&
           (is_whole ? column.item <= kPayloadBytes : column.item <= kMostItem && keeps_cuts);
}

bool inserted_only_come_last(const Columns &columns) noexcept {
    const uint32_t others = written_columns(columns).count;
    return std::none_of(columns.column, columns.column + others,
                        [](const Column &c) { return (c.flags & kInsertedOnly) != 0; });
}

bool columns_are_possible(const Columns &columns) noexcept {
    const Column &records = columns.column[kRecordColumn];
    return columns.count >= 1 && columns.count <= kMaxColumns &&
           records.kind == PageKind::kRecord && records.flags == kWhole &&
           records.item >= sizeof(Record) && records.item <= kMostRecordBytes &&
           records.item % alignof(Record) == 0 && inserted_only_come_last(columns) &&
           std::all_of(columns.column, columns.column + columns.count, column_is_possible);
}

// The scalar fields, before anything is read through them.
PgsStatus check_fields(const Meta &meta, PgsError *error) noexcept {
    if (meta.end_block > kMaxBlocks) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the metapage says %u blocks", meta.end_block);
    }
    if (meta.generation == 0 || meta.next_id == 0) {
        return fail(error, PGS_CORRUPT, kMetaBlock,
                    "the metapage says generation %llu, next id %llu",
                    static_cast<unsigned long long>(meta.generation),
                    static_cast<unsigned long long>(meta.next_id));
    }
    if (!has_end(meta.embedder) || !has_end(meta.revision)) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the embedder's name or revision has no end");
    }
    if (!columns_are_possible(meta.columns)) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the %u columns of parts are impossible",
                    meta.columns.count);
    }
    return PGS_OK;
}

bool run_is_inside(uint64_t block, uint64_t blocks, const Meta &meta) noexcept {
    return block > kMetaBlock && blocks > 0 && block + blocks <= meta.end_block;
}

bool id_is_possible(uint64_t id, uint64_t generation, const Meta &meta) noexcept {
    return id != 0 && id < meta.next_id && generation > 0 && generation <= meta.generation;
}

// So many strides lie inside the index. Their blocks are multiplied only where that is no overflow.
bool strides_are_inside(const Extent &extent, uint64_t stride, const Meta &meta) noexcept {
    return extent.slots > 0 && extent.strides <= meta.end_block / stride &&
           run_is_inside(extent.block, stride * extent.strides, meta);
}

bool dictionary_is_possible(const Meta &meta) noexcept {
    const DictionaryRef &ref = meta.dictionary;
    if (ref.id == 0) {
        return ref.run.blocks == 0;
    }
    return id_is_possible(ref.id, ref.generation, meta) &&
           run_is_inside(ref.run.block, ref.run.blocks, meta);
}

bool segment_is_possible(const Segment &segment, const Meta &meta) noexcept {
    return id_is_possible(segment.id, segment.generation, meta) &&
           segment.first_blocks <= segment.run.blocks && segment.rows > 0 &&
           segment.rows <= kMostRows && run_is_inside(segment.run.block, segment.run.blocks, meta);
}

// A whole number of strides, or nothing at all.
bool growth_is_possible(const Meta &meta) noexcept {
    const Reserve &growth = meta.growth;
    if (growth.run.blocks == 0) {
        return growth.slots == 0;
    }
    const uint64_t blocks = stride_blocks(meta.columns, growth.slots);
    return growth.slots > 0 && growth.run.blocks % blocks == 0 &&
           run_is_inside(growth.run.block, growth.run.blocks, meta);
}

// Every extent is one part's.
PgsStatus check_extents(const Meta &meta, PgsError *error) noexcept {
    const uint32_t extents =
        std::accumulate(meta.part, meta.part + meta.parts, uint32_t{0},
                        [](uint32_t sum, const Part &part) { return sum + part.extents; });
    return extents == meta.extents
               ? PGS_OK
               : fail(error, PGS_CORRUPT, kMetaBlock, "the manifest's parts have %u extents of %u",
                      extents, meta.extents);
}

// Everything the metapage says is on blocks. Adding up to the index's end is necessary for every
// block to have one owner; check_owners() also looks that no two overlap.
PgsStatus check_blocks(const Meta &meta, PgsError *error) noexcept {
    uint64_t blocks = 1;
    if (!dictionary_is_possible(meta)) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the dictionary is impossible");
    }
    blocks += meta.dictionary.run.blocks;
    for (uint32_t i = 0; i < meta.segments; i++) {
        if (!segment_is_possible(meta.segment[i], meta)) {
            return fail(error, PGS_CORRUPT, kMetaBlock, "segment number %u is impossible", i);
        }
        blocks += meta.segment[i].run.blocks;
    }
    const Part *part = meta.part;
    for (uint32_t e = 0, end = part->extents; e < meta.extents; e++) {
        while (e == end) {
            end += (++part)->extents;
        }
        const Extent &extent = meta.extent[e];
        const uint64_t stride = stride_blocks(meta.columns, *part, extent.slots);
        if (!strides_are_inside(extent, stride, meta)) {
            return fail(error, PGS_CORRUPT, kMetaBlock,
                        "extent %u of the manifest lies outside the index", e);
        }
        blocks += stride * extent.strides;
    }
    if (!growth_is_possible(meta)) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "what is reserved for growth is impossible");
    }
    blocks += meta.growth.run.blocks;
    uint64_t before = 0;  // the end of the run before: they are in the order of their blocks
    for (uint32_t i = 0; i < meta.spares; i++) {
        const Run &run = meta.spare[i].run;
        if (!run_is_inside(run.block, run.blocks, meta) || run.block < before) {
            return fail(error, PGS_CORRUPT, kMetaBlock, "spare run number %u is impossible", i);
        }
        blocks += run.blocks;
        before = uint64_t{run.block} + run.blocks;
    }
    if (blocks != meta.end_block) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the manifest names %llu blocks of %u",
                    static_cast<unsigned long long>(blocks), meta.end_block);
    }
    return PGS_OK;
}

bool part_is_possible(const Part &part, uint64_t capacity, bool last, const Meta &meta) noexcept {
    const bool open = part.state == PartState::kOpen;
    return (part.state == PartState::kSealed || (open && last && !is_written(part))) &&
           part.extents > 0 && id_is_possible(part.id, part.generation, meta) && part.handle != 0 &&
           part.slots <= (open ? 0 : capacity) && capacity <= kMostSlotsOfPart &&
           part.tombstones <= capacity && part.flushed <= (open ? capacity : part.slots) &&
           (part.dictionary == meta.dictionary.id || part.flushed == 0);
}

PgsStatus check_parts(const Meta &meta, PgsError *error) noexcept {
    uint32_t extents = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        const Part &part = meta.part[p];
        uint64_t capacity = 0;
        for (uint32_t e = 0; e < part.extents; e++) {
            const Extent &extent = meta.extent[extents + e];
            capacity += uint64_t{extent.slots} * extent.strides;
        }
        extents += part.extents;
        if (!part_is_possible(part, capacity, p + 1 == meta.parts, meta)) {
            return fail(error, PGS_CORRUPT, kMetaBlock,
                        "part number %u of the manifest is impossible", p);
        }
    }
    return PGS_OK;
}

// Parts, segments and the dictionary take their ids from one counter, parts also handles.
PgsStatus check_ids(const Meta &meta, PgsError *error) noexcept {
    uint64_t ids[kMaxParts + kMaxSegments + 1];
    uint16_t handles[kMaxParts];
    uint32_t count = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        ids[count++] = meta.part[p].id;
        handles[p] = meta.part[p].handle;
    }
    for (uint32_t i = 0; i < meta.segments; i++) {
        ids[count++] = meta.segment[i].id;
    }
    ids[count++] = meta.dictionary.id;
    std::sort(ids, ids + count);
    const uint64_t *twice = std::adjacent_find(ids, ids + count);
    if (twice != ids + count) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the manifest has id %llu twice",
                    static_cast<unsigned long long>(*twice));
    }
    std::sort(handles, handles + meta.parts);
    if (std::adjacent_find(handles, handles + meta.parts) != handles + meta.parts) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "two parts of the manifest have one handle");
    }
    return PGS_OK;
}

}  // namespace

void init_manifest(Page &page, IndexKind kind, const Columns &columns, const TableKinds &kinds,
                   const char *embedder, const char *revision) noexcept {
    format_page(page, {kMetaBlock, PageKind::kMeta, 0, 0, 0});
    Meta &meta = meta_of(page);
    meta.magic = kMetaMagic;
    meta.version = kFormatVersion;
    meta.kind = kind;
    meta.generation = 1;
    meta.next_id = 1;
    meta.end_block = kMetaBlock + 1;
    meta.columns = columns;
    meta.kinds = kinds;
    std::strncpy(meta.embedder, embedder, kTextBytes - 1);
    std::strncpy(meta.revision, revision, kTextBytes - 1);
    finish_meta(page);
}

void finish_meta(Page &page) noexcept {
    page.server.lower = static_cast<uint16_t>(kPayloadOffset + meta_bytes(meta_of(page)));
    page.slab.checksum = page_checksum(page);
}

PgsStatus check_manifest(const Page &page, IndexKind kind, PgsError *error) noexcept {
    const Meta &meta = meta_of(page);
    if (page.slab.kind != PageKind::kMeta || meta.magic != kMetaMagic) {
        return fail(error, PGS_CORRUPT, kMetaBlock,
                    is_blank(page) ? "the metapage is all zeros" : "not a slab metapage");
    }
    // Before anything whose meaning may depend on the version, the checksum included.
    if (page.slab.version != kFormatVersion || meta.version != kFormatVersion) {
        return fail(error, PGS_UNSUPPORTED, kMetaBlock,
                    "the index has format version %u, this library reads version %u",
                    page.slab.version != kFormatVersion ? page.slab.version : meta.version,
                    kFormatVersion);
    }
    if (PgsStatus status = verify_page(page, {kMetaBlock, PageKind::kMeta, 0, 0, 0}, error)) {
        return status;
    }
    if (meta.kind != kind || meta.parts > kMaxParts || meta.extents > kMaxExtents ||
        meta.segments > kMaxSegments || meta.spares > kMaxSpares ||
        used_bytes(page) != meta_bytes(meta)) {
        return fail(error, PGS_CORRUPT, kMetaBlock,
                    "the metapage has kind %u, %u parts, %u extents and %u bytes",
                    static_cast<unsigned>(meta.kind), meta.parts, meta.extents, used_bytes(page));
    }
    if (PgsStatus status = check_fields(meta, error)) {
        return status;
    }
    if (PgsStatus status = check_extents(meta, error)) {
        return status;
    }
    if (PgsStatus status = check_blocks(meta, error)) {
        return status;
    }
    if (PgsStatus status = check_parts(meta, error)) {
        return status;
    }
    return check_ids(meta, error);
}

PgsStatus check_owners(const Meta &meta, PgsError *error) {
    std::vector<bool> owned(meta.end_block);
    PgsStatus status = PGS_OK;
    auto claim = [&](uint32_t block, uint32_t blocks) {
        for (uint32_t b = block; b < block + blocks && status == PGS_OK; b++) {
            if (owned[b]) {
                status =
                    fail(error, PGS_CORRUPT, kMetaBlock, "the manifest names block %u twice", b);
            }
            owned[b] = true;
        }
    };
    claim(kMetaBlock, 1);
    claim(meta.growth.run.block, meta.growth.run.blocks);
    claim(meta.dictionary.run.block, meta.dictionary.run.blocks);
    for (uint32_t i = 0; i < meta.segments; i++) {
        claim(meta.segment[i].run.block, meta.segment[i].run.blocks);
    }
    for (uint32_t i = 0; i < meta.spares; i++) {
        claim(meta.spare[i].run.block, meta.spare[i].run.blocks);
    }
    each_extent(meta, [&](const ExtentPlace &place) {
        claim(place.extent.block, place.blocks());
        return status != PGS_OK;
    });
    return status;
}

PgsStatus check_tombstones(const Meta &meta, const std::vector<uint64_t> &counted,
                           PgsError *error) noexcept {
    for (uint32_t p = 0; p < meta.parts; p++) {
        if (meta.part[p].tombstones > counted[p]) {
            return fail(error, PGS_CORRUPT, kMetaBlock,
                        "part %llu has %llu tombstones, the metapage says %llu",
                        static_cast<unsigned long long>(meta.part[p].id),
                        static_cast<unsigned long long>(counted[p]),
                        static_cast<unsigned long long>(meta.part[p].tombstones));
        }
    }
    return PGS_OK;
}

PageIdentity dictionary_page(const Meta &meta, uint32_t i) noexcept {
    const DictionaryRef &ref = meta.dictionary;
    return {ref.run.block + i, meta.kinds.dictionary, ref.id, ref.generation, i};
}

PageIdentity segment_page(const TableKinds &kinds, const Segment &segment, uint32_t i) noexcept {
    const PageKind kind = i < segment.first_blocks ? kinds.segment_first : kinds.segment_rest;
    return {segment.run.block + i, kind, segment.id, segment.generation, i};
}

}  // namespace pgslab
