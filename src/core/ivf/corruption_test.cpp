// Damage of every kind to every page: reported as such, at the right block, by whoever reads it.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "ivf/testing/damage.h"
#include "ivf/testing/tables.h"

namespace pgslab {
namespace {

void flip(Page &page, uint32_t bit) {
    reinterpret_cast<uint8_t *>(&page)[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
}

template <typename Visit>
void each_block(Visit visit) {
    for (uint32_t block = 0; block < small_index().store().blocks(); block++) {
        visit(block, small_index().store().read(block));
    }
}

TEST(Corruption, TheIndexIsSoundToBeginWith) {
    const Finding found = verify_finding(small_index().store());
    EXPECT_EQ(found.status, PGS_OK) << found.detail;
    EXPECT_GT(small_index().info().sealed_parts, 0u);
    EXPECT_GT(small_index().info().open_capacity, 0u);
    EXPECT_GT(small_index().info().counted_tombstones, 0u);
    EXPECT_EQ(small_index().info().lists, kLists);
    EXPECT_GT(small_index().info().segment_blocks, 2u);
    EXPECT_EQ(scan_of(small_index().store(), effort_as_stored(0.5)).size(),
              scan_of(small_index().store()).size());
}

TEST(Corruption, AFlippedBitOfAnyHeaderFieldIsFound) {
    const struct {
        const char *name;
        size_t offset, bytes;
    } fields[] = {
        {"lower", offsetof(Page, server.lower), 2},
        {"upper", offsetof(Page, server.upper), 2},
        {"special", offsetof(Page, server.special), 2},
        {"kind", offsetof(Page, slab.kind), 2},
        {"owner", offsetof(Page, slab.owner), 8},
        {"generation", offsetof(Page, slab.generation), 8},
        {"sequence", offsetof(Page, slab.sequence), 4},
        {"checksum", offsetof(Page, slab.checksum), 4},
        {"closed", offsetof(Page, slab.closed), 4},
        {"extra", offsetof(Page, slab.extra), 4},
        {"reserved", offsetof(Page, slab.reserved), 4},
    };
    Random random(29);
    each_block([&](uint32_t block, const Page &) {
        for (const auto &field : fields) {
            const auto bit = static_cast<uint32_t>(field.offset * 8 + random() % (field.bytes * 8));
            expect_damage_found(block, field.name, [&](Page &page) { flip(page, bit); });
        }
    });
}

TEST(Corruption, AnotherVersionIsUnsupportedWithWhateverChecksum) {
    each_block([&](uint32_t block, const Page &) {
        const auto raise = [](Page &page) { page.slab.version++; };
        expect_damage_found(block, "version", raise, PGS_UNSUPPORTED);
        const auto forge = [](Page &page) {
            page.slab.version++;
            repair_checksum(page);
        };
        expect_damage_found(block, "version", forge, PGS_UNSUPPORTED);
    });
}

TEST(Corruption, AnotherIdentityIsFoundWithAValidChecksum) {
    const std::pair<const char *, void (*)(Page &)> forgeries[] = {
        {"meta", [](Page &page) { page.slab.kind = PageKind::kMeta; }},
        {"record", [](Page &page) { page.slab.kind = PageKind::kRecord; }},
        {"slab", [](Page &page) { page.slab.kind = kSlabPage; }},
        {"refine", [](Page &page) { page.slab.kind = kRefinePage; }},
        {"codebook", [](Page &page) { page.slab.kind = kCodebookPage; }},
        {"directory", [](Page &page) { page.slab.kind = kDirectoryPage; }},
        {"list", [](Page &page) { page.slab.kind = kListPage; }},
        {"kind 0", [](Page &page) { page.slab.kind = PageKind{0}; }},
        {"part", [](Page &page) { page.slab.owner ^= 7; }},
        {"generation", [](Page &page) { page.slab.generation++; }},
        {"sequence", [](Page &page) { page.slab.sequence++; }},
    };
    each_block([&](uint32_t block, const Page &good) {
        for (const auto &[name, forge] : forgeries) {
            Page forged = good;
            forge(forged);
            repair_checksum(forged);
            if (std::memcmp(&forged, &good, sizeof good) != 0) {
                expect_damage_found(block, name, [&](Page &page) { page = forged; });
            }
        }
    });
}

// All bytes in use but record flags, which change without a checksum.
TEST(Corruption, AFlippedBitOfAnyPayloadIsFound) {
    Random random(30);
    each_block([&](uint32_t block, const Page &good) {
        for (int i = 0; i < 8 && used_bytes(good) > 0; i++) {
            const uint32_t at = random() % used_bytes(good);
            const uint32_t of_record = at % sizeof(Record);
            if (good.slab.kind != PageKind::kRecord || of_record < 6 || of_record > 7) {
                const uint32_t bit = (kPayloadOffset + at) * 8 + random() % 8;
                expect_damage_found(block, "payload", [&](Page &page) { flip(page, bit); });
            }
        }
    });
}

TEST(Corruption, AZeroedPageIsFound) {
    each_block([&](uint32_t block, const Page &) {
        expect_damage_found(block, "zeros", [](Page &page) { page = {}; });
    });
}

TEST(Corruption, ASwappedPairOfPagesIsFound) {
    const PageStore &sound = small_index().store();
    for (uint32_t a = 0; a < sound.blocks(); a++) {
        for (uint32_t b = a + 1; b < sound.blocks(); b++) {
            PageStore store = sound;
            std::swap(store.damage(a), store.damage(b));
            const Finding found = verify_finding(store);
            EXPECT_EQ(found.status, PGS_CORRUPT) << a << " and " << b;
            EXPECT_TRUE(found.block == a || found.block == b) << a << " and " << b;
        }
    }
}

TEST(Corruption, APageInThePlaceOfAnyOtherIsFound) {
    each_block([&](uint32_t block, const Page &) {
        Random random(block);
        for (int i = 0; i < 4; i++) {
            const uint32_t other = random() % small_index().store().blocks();
            if (other != block) {
                expect_damage_found(block, "page of block " + std::to_string(other),
                                    [&](Page &page) { page = small_index().store().read(other); });
            }
        }
    });
}

TEST(Corruption, APageThatIsHalfOldAndHalfNewIsFound) {
    MemoryIndex before = sound_index(100, 500);
    MemoryIndex after = before;
    Random random(31);
    for (uint32_t i = 500; i < 600; i++) {
        after.insert({tid_number(i), hard_vector(random, 100, Kind::kOrdinary)});
    }
    int torn_pages = 0;
    for (uint32_t block = 0; block < before.store().blocks(); block++) {
        const Page &was = before.store().read(block);
        const Page &is = after.store().read(block);
        for (uint32_t cut = 512; cut < kPageBytes; cut += 512) {
            Page torn = is;  // the first sectors new, the others old
            std::memcpy(reinterpret_cast<char *>(&torn) + cut,
                        reinterpret_cast<const char *>(&was) + cut, kPageBytes - cut);
            if (std::memcmp(&torn, &is, sizeof torn) == 0 || used_bytes(torn) == used_bytes(was)) {
                continue;
            }
            PageStore store = after.store();
            store.damage(block) = torn;
            const Finding found = verify_finding(store);
            EXPECT_EQ(found.status, PGS_CORRUPT) << "block " << block << ", cut at " << cut;
            EXPECT_EQ(found.block, block);
            EXPECT_EQ(finding_of([&] { scan_of(store); }).block, block);
            torn_pages++;
        }
    }
    EXPECT_GT(torn_pages, 10);
}

// ---- with valid checksums: what only verification can see ----

// The first record page of the open part, which is full, and a slab page of it.
uint32_t record_block() {
    return pgs_open_record_page(&small_index().meta(), 0).block;
}
uint32_t slab_block() {
    const PgsRecordPage where = pgs_open_record_page(&small_index().meta(), 0);
    return pgs_place(&small_index().meta(), &where, 0, kSlabColumn).first_block;
}

TEST(Corruption, AnImpossibleRecordIsFound) {
    const std::pair<const char *, void (*)(VectorRecord &)> forgeries[] = {
        {"no tuple", [](VectorRecord &r) { r.heap_offset = 0; }},
        {"unknown flag", [](VectorRecord &r) { r.flags = 4; }},
        {"scale 0", [](VectorRecord &r) { r.scale = 0; }},
        {"scale 3", [](VectorRecord &r) { r.scale = 3; }},
        {"scale -1", [](VectorRecord &r) { r.scale = -1; }},
        {"scale infinite", [](VectorRecord &r) { r.scale = INFINITY; }},
        {"scale denormal", [](VectorRecord &r) { r.scale = 0x1p-130f; }},
        {"error negative", [](VectorRecord &r) { r.error = -1; }},
        {"error NaN", [](VectorRecord &r) { r.error = NAN; }},
        {"norm negative", [](VectorRecord &r) { r.norm = -1; }},
        {"norm NaN", [](VectorRecord &r) { r.norm = NAN; }},
        {"no list", [](VectorRecord &r) { r.list = kLists; }},
    };
    for (const auto &[name, forge] : forgeries) {
        const Page &page = small_index().store().read(record_block());
        const uint32_t last = used_bytes(page) / sizeof(Record) - 1;
        for (uint32_t i : {0u, last / 2, last}) {
            expect_forgery_found(record_block(), name, [&, f = forge](Page &forged) {
                f(reinterpret_cast<VectorRecord *>(forged.payload)[i]);
            });
        }
    }
}

TEST(Corruption, ARecordPageOfAnImpossibleLengthIsFound) {
    const uint32_t sealed = pgs_record_page(&small_index().meta(), 0).block;
    expect_forgery_found(record_block(), "half a record", [](Page &p) { p.server.lower--; });
    expect_forgery_found(sealed, "half a record", [](Page &p) { p.server.lower--; });
    expect_forgery_found(sealed, "a record less", [](Page &p) { p.server.lower -= 24; });
}

TEST(Corruption, AStoredValueThatIsNotFiniteIsFound) {
    for (uint16_t half : {0x7C00, 0xFC00, 0x7E00, 0x7C01}) {
        expect_forgery_found(slab_block(), "not finite", [&](Page &page) {
            auto *values = reinterpret_cast<uint16_t *>(page.payload);
            for (uint32_t at = 5; at < used_bytes(page) / 2; at += 128) {  // of every vector
                values[at] = half;
            }
        });
    }
}

TEST(Corruption, ASlabPageThatEndsBeforeItsVectorsIsFoundByAScanToo) {
    PageStore store = small_index().store();
    Page &page = store.damage(slab_block());
    page.server.lower = kPayloadOffset;
    repair_checksum(page);
    EXPECT_EQ(verify_finding(store).block, slab_block());
    EXPECT_EQ(finding_of([&] { scan_of(store); }).block, slab_block());
}

TEST(Corruption, ARecordPageWithRoomBeforeOneInUseIsFound) {
    expect_forgery_found(record_block(), "room", [](Page &page) { page.server.lower -= 24; });
    expect_forgery_found(record_block(), "empty",
                         [](Page &page) { page.server.lower = kPayloadOffset; });
}

TEST(Corruption, MoreTombstonesThanThereAreIsFound) {
    for (uint32_t part : {0u, 1u}) {
        PageStore store = small_index().store();
        const uint64_t counted = pgs_meta_tombstones(&small_index().meta(), part);
        pgs_meta_set_tombstones(&store.damage(0), part, counted + 1);
        const Finding found = verify_finding(store);
        EXPECT_EQ(found.status, PGS_CORRUPT);
        EXPECT_EQ(found.block, 0u);
        pgs_meta_set_tombstones(&store.damage(0), part, counted - 1);  // vacuums lag behind
        EXPECT_EQ(verify_finding(store).status, PGS_OK);
    }
}

TEST(Corruption, ABlockWithTwoOwnersIsFound) {
    const std::pair<const char *, void (*)(Meta &)> forgeries[] = {
        {"extent over another", [](Meta &m) { m.extent[1].block = m.extent[0].block; }},
        {"extent one block too early", [](Meta &m) { m.extent[1].block--; }},
        {"codebook over records", [](Meta &m) { m.dictionary.run.block = m.extent[0].block; }},
        {"segment over an extent", [](Meta &m) { m.segment[0].run.block = m.extent[0].block + 1; }},
        {"segment one block too late", [](Meta &m) { m.segment[0].run.block++; }},
        {"spare run over a segment",
         [](Meta &m) {
             m.spare[m.spares++] = {{m.segment[0].run.block, 3}, kFree};
             m.end_block += 3;
         }},
        {"a block in two spare runs",
         [](Meta &m) {
             m.spare[m.spares++] = {{m.end_block, 3}, kFree};
             m.spare[m.spares++] = {{m.end_block + 2, 3}, 1000};
             m.end_block += 6;
         }},
    };
    for (const auto &[name, forge] : forgeries) {
        expect_forgery_found(0, name, [f = forge](Page &page) { f(meta_of(page)); });
    }
}

TEST(Corruption, AGrowthOverAnExtentIsFound) {
    PageStore store = small_index().store();
    ASSERT_EQ(pgs_growth_reserve(&store.damage(0), nullptr), PGS_OK);
    meta_of(store.damage(0)).growth.run.block--;
    repair_checksum(store.damage(0));
    const Finding found = verify_finding(store);
    EXPECT_EQ(found.status, PGS_CORRUPT);
    EXPECT_EQ(found.block, 0u);
}

}  // namespace
}  // namespace pgslab
