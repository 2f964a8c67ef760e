// Draws stored vectors at random.
//
// Each record page contributes in proportion to its slots, so the sample is even whatever order the
// rows are in.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cluster/random.h"
#include "ivf/codebook.h"
#include "ivf/format.h"
#include "pgslab/calibrate.h"
#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "store/layout.h"
#include "store/machine.h"
#include "store/page.h"

namespace pgslab {

// Rows that were drawn: float[dims] each, and what each is known by.
struct DrawnRows {
    uint32_t dims;
    std::span<const float> values;
    std::span<const uint64_t> addresses;

    uint32_t vectors() const noexcept { return static_cast<uint32_t>(addresses.size()); }
    const float *vector(uint32_t i) const noexcept { return values.data() + size_t{i} * dims; }
};

class Sampler final : public Machine {
  public:
    // See pgs_sampler_create(). codebook: the index's. May throw std::bad_alloc.
    Sampler(const Page &meta, const Codebook &codebook, uint32_t vectors, PgsDraw draw,
            uint64_t seed);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;

    uint32_t dims() const noexcept { return dims_; }

    // Vectors drawn so far.
    uint32_t vectors() const noexcept { return static_cast<uint32_t>(drawn_.size()); }
    const float *vector(uint32_t i) const noexcept { return values_.data() + size_t{i} * dims_; }
    uint64_t address(uint32_t i) const noexcept { return drawn_[i]; }
    DrawnRows drawn() const noexcept { return {dims_, values_, drawn_}; }

  private:
    struct Pick {
        uint32_t within;  // slot in the stride
        float scale;
    };

    bool is_drawn(PgsTid tid) const noexcept;
    void take_records(const Page &page);
    PgsStatus take_vector(const Page &page, PgsError *error);
    bool take_next_page() noexcept;
    uint64_t quota_of(uint64_t slots) const noexcept;
    void next_record_page();
    ItemPlace item_wanted() const noexcept;
    void want_vector_page() noexcept;

    Page meta_;
    std::vector<float> offset_;  // empty for none
    uint32_t dims_;
    uint32_t vector_bytes_;
    PgsDraw draw_;
    SplitMix random_;
    std::vector<ExtentPlace> places_;
    uint64_t slots_ = 0;  // of all extents
    uint32_t quota_ = 0;  // vectors wanted of them

    uint64_t slots_before_ = 0;  // of all record pages before the next one
    size_t extent_ = 0;          // of the next record page, in places_
    uint32_t next_stride_ = 0;
    uint32_t next_page_ = 0;   // of the stride
    ExtentPlace stride_ = {};  // of the record page in hand
    uint32_t page_ = 0;        // which it is of the stride's
    uint32_t share_ = 0;       // vectors wanted of it
    std::vector<Pick> picks_;
    size_t pick_ = 0;
    std::vector<uint64_t> item_;  // words, so that it is aligned
    uint32_t item_done_ = 0;      // bytes
    PageIdentity wanted_ = {};

    std::vector<uint64_t> drawn_;
    std::vector<float> values_;
};

}  // namespace pgslab
