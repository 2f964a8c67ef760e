// Pages of a dictionary as they are written, and what is refused of pages that are damaged.
#include "inverted/dictionary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "inverted/dictionary_writer.h"

namespace pgslab::inverted {
namespace {

using Random = std::mt19937_64;

Bytes bytes_of(const std::string &term) {
    return {reinterpret_cast<const uint8_t *>(term.data()), term.size()};
}
std::string string_of(Bytes term) {
    return {reinterpret_cast<const char *>(term.data()), term.size()};
}

// Of few letters, so that many terms begin alike; 0 and 255 are among them.
std::string random_term(Random &random, uint32_t most) {
    constexpr char kLetters[] = {'\0', 'a', 'b', '\xFF'};
    std::string term(1 + random() % most, 'a');
    for (char &letter : term) {
        letter = kLetters[random() % std::size(kLetters)];
    }
    return term;
}

TermEntry entry_of(uint32_t i, const std::string &term) {
    return {i + 1,
            i + 2,
            static_cast<float>(i),
            -static_cast<float>(i),
            i + 3,
            static_cast<uint16_t>(i % 8000),
            static_cast<uint16_t>(term.size())};
}

std::deque<ReadyPage> write_pages(const std::set<std::string> &terms) {
    DictionaryWriter writer;
    uint32_t i = 0;
    for (const std::string &term : terms) {
        writer.add(entry_of(i++, term), bytes_of(term));
    }
    std::deque<ReadyPage> ready;
    const uint32_t pages = writer.write({5, kPostingPage, 1, 1, 5}, ready);
    EXPECT_EQ(pages, ready.size());
    return ready;
}

TEST(Terms, AreInTheOrderOfTheirBytes) {
    const std::vector<std::string> terms = {
        "",    std::string(1, '\0'), std::string(2, '\0'), "a", "aa", "ab", "b", "\x7F", "\x80",
        "\xFF"};
    for (size_t i = 0; i < terms.size(); i++) {
        for (size_t j = 0; j < terms.size(); j++) {
            const int order = compare_terms(bytes_of(terms[i]), bytes_of(terms[j]));
            EXPECT_EQ(order < 0, i < j) << i << ' ' << j;
            EXPECT_EQ(order == 0, i == j) << i << ' ' << j;
        }
    }
}

TEST(Terms, BeginWithTheirPrefixes) {
    EXPECT_TRUE(begins_with(bytes_of("abc"), bytes_of("")));
    EXPECT_TRUE(begins_with(bytes_of(""), bytes_of("")));
    EXPECT_TRUE(begins_with(bytes_of("abc"), bytes_of("ab")));
    EXPECT_TRUE(begins_with(bytes_of("abc"), bytes_of("abc")));
    EXPECT_FALSE(begins_with(bytes_of("abc"), bytes_of("abcd")));
    EXPECT_FALSE(begins_with(bytes_of("abc"), bytes_of("b")));
    EXPECT_FALSE(begins_with(bytes_of(""), bytes_of("a")));
}

TEST(DictionaryPage, HasWhatWasWritten) {
    Random random(1);
    for (int round = 0; round < 30; round++) {
        std::set<std::string> terms;
        const uint32_t most = random() % 4 == 0 ? PGS_MAX_TERM_BYTES : 12;
        for (uint64_t i = 1 + random() % 1500; i > 0; i--) {
            terms.insert(random_term(random, most));
        }
        auto next = terms.begin();
        uint32_t i = 0;
        for (const ReadyPage &ready : write_pages(terms)) {
            DictionaryPage page;
            PgsError error = {};
            ASSERT_EQ(page.open(ready.page, ready.block, &error), PGS_OK) << error.detail;
            ASSERT_GT(page.entries(), 0u);
            for (uint32_t e = 0; e < page.entries(); e++, i++, ++next) {
                ASSERT_NE(next, terms.end());
                ASSERT_EQ(string_of(page.term(e)), *next);
                const TermEntry expected = entry_of(i, *next);
                const TermEntry entry = page.entry(e);
                ASSERT_EQ(std::memcmp(&entry, &expected, sizeof entry), 0);
            }
        }
        ASSERT_EQ(next, terms.end());
    }
}

TEST(DictionaryPage, FindsTheFirstTermThatIsNotBefore) {
    Random random(2);
    for (int round = 0; round < 100; round++) {
        std::set<std::string> terms;
        for (uint64_t i = 1 + random() % 200; i > 0; i--) {
            terms.insert(random_term(random, 5));
        }
        const std::deque<ReadyPage> ready = write_pages(terms);
        ASSERT_EQ(ready.size(), 1u);
        DictionaryPage page;
        ASSERT_EQ(page.open(ready[0].page, ready[0].block, nullptr), PGS_OK);
        for (int i = 0; i < 200; i++) {
            const std::string wanted = i == 0 ? "" : random_term(random, 6);
            uint32_t expected = 0;
            for (const std::string &term : terms) {
                expected += compare_terms(bytes_of(term), bytes_of(wanted)) < 0 ? 1 : 0;
            }
            ASSERT_EQ(page.lower_bound(bytes_of(wanted)), expected);
        }
    }
}

// A page of "a", "b" and "cde" with one change.
class DamagedDictionaryPage : public testing::Test {
  protected:
    template <typename T>
    T load(uint32_t at) const {
        T value;
        std::memcpy(&value, page_.payload + at, sizeof value);
        return value;
    }
    template <typename T>
    void put(uint32_t at, T value) {
        std::memcpy(page_.payload + at, &value, sizeof value);
    }
    uint32_t offset_of(uint32_t i) const {
        return load<uint16_t>(sizeof(DictionaryHeader) + i * sizeof(uint16_t));
    }
    void set_offset(uint32_t i, uint32_t offset) {
        put(sizeof(DictionaryHeader) + i * sizeof(uint16_t), static_cast<uint16_t>(offset));
    }
    void set_length(uint32_t i, uint32_t length) {
        put(offset_of(i) + offsetof(TermEntry, length), static_cast<uint16_t>(length));
    }
    PgsStatus open() {
        DictionaryPage page;
        PgsError error = {};
        const PgsStatus status = page.open(page_, 5, &error);
        EXPECT_EQ(error.block, status == PGS_OK ? 0u : 5u);
        EXPECT_EQ(page.entries(), status == PGS_OK ? 3u : 0u);
        return status;
    }

    Page page_ = write_pages({"a", "b", "cde"})[0].page;
};

TEST_F(DamagedDictionaryPage, IsTakenUndamaged) {
    EXPECT_EQ(open(), PGS_OK);
}

TEST_F(DamagedDictionaryPage, IsRefusedWithoutEntries) {
    put<uint16_t>(0, 0);
    EXPECT_EQ(open(), PGS_CORRUPT);
}

TEST_F(DamagedDictionaryPage, IsRefusedWithMoreEntriesThanFit) {
    put<uint16_t>(0, UINT16_MAX);
    EXPECT_EQ(open(), PGS_CORRUPT);
}

TEST_F(DamagedDictionaryPage, IsRefusedWhereReservedBytesAreUsed) {
    put<uint16_t>(offsetof(DictionaryHeader, reserved), 1);
    EXPECT_EQ(open(), PGS_CORRUPT);
}

TEST_F(DamagedDictionaryPage, IsRefusedWhereLessIsUsedThanItsEntriesTake) {
    const uint32_t used = used_bytes(page_);
    const uint32_t end = offset_of(2) + static_cast<uint32_t>(sizeof(TermEntry)) + 3;
    for (uint32_t n = 0; n <= used; n++) {
        page_.server.lower = static_cast<uint16_t>(kPayloadOffset + n);
        EXPECT_EQ(open(), n < end ? PGS_CORRUPT : PGS_OK) << n;
    }
}

TEST_F(DamagedDictionaryPage, IsRefusedWhereOffsetsAreImpossible) {
    const Page undamaged = page_;
    for (uint32_t i = 0; i < 3; i++) {
        for (const uint32_t offset : {0u, 4u, offset_of(i) + 2, 8124u, 65532u}) {
            set_offset(i, offset);
            EXPECT_EQ(open(), PGS_CORRUPT) << i << ' ' << offset;
            page_ = undamaged;
        }
    }
    set_offset(1, offset_of(0));
    EXPECT_EQ(open(), PGS_CORRUPT);
}

TEST_F(DamagedDictionaryPage, IsRefusedWhereLengthsAreImpossible) {
    const Page undamaged = page_;
    for (uint32_t i = 0; i < 3; i++) {
        for (const uint32_t length : {0u, PGS_MAX_TERM_BYTES + 1u, 65535u}) {
            set_length(i, length);
            EXPECT_EQ(open(), PGS_CORRUPT) << i << ' ' << length;
            page_ = undamaged;
        }
    }
}

TEST_F(DamagedDictionaryPage, IsRefusedWhereTermsDoNotAscend) {
    const Page undamaged = page_;
    for (const char letter : {'b', 'c', 'z'}) {
        put(offset_of(0) + static_cast<uint32_t>(sizeof(TermEntry)), letter);
        EXPECT_EQ(open(), PGS_CORRUPT) << letter;
        page_ = undamaged;
    }
}

// Whatever bytes change, what is taken can be read.
TEST_F(DamagedDictionaryPage, IsRefusedOrReadableWhateverChanged) {
    Random random(3);
    std::set<std::string> terms;
    for (int i = 0; i < 40; i++) {
        terms.insert(random_term(random, 9));
    }
    const Page undamaged = write_pages(terms)[0].page;
    uint32_t taken = 0;
    uint32_t refused = 0;
    for (int round = 0; round < 20000; round++) {
        page_ = undamaged;
        for (uint64_t n = 1 + random() % 3; n > 0; n--) {
            put(static_cast<uint32_t>(random() % used_bytes(page_)),
                static_cast<uint8_t>(random()));
        }
        DictionaryPage page;
        if (page.open(page_, 5, nullptr) != PGS_OK) {
            refused++;
            continue;
        }
        taken++;
        for (uint32_t i = 0; i < page.entries(); i++) {
            const Bytes term = page.term(i);
            ASSERT_GE(term.data(), page_.payload);
            ASSERT_LE(term.data() + term.size(), page_.payload + used_bytes(page_));
            ASSERT_EQ(page.lower_bound(term), i);
        }
    }
    EXPECT_GT(taken, 1000u);
    EXPECT_GT(refused, 1000u);
}

}  // namespace
}  // namespace pgslab::inverted
