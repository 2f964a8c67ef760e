// Draws stored vectors at random.
//
// Every record page gives its share, so that slots are drawn evenly, whatever order they are in.
#pragma once

#include <cstdint>
#include <vector>

#include "format/format.h"
#include "format/layout.h"
#include "format/page.h"
#include "index/machine.h"
#include "pgslab/calibrate.h"
#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"

namespace pgslab {

class Sampler final : public Machine {
  public:
    // See pgs_sampler_create(). May throw std::bad_alloc.
    Sampler(const Page &meta, uint32_t vectors, PgsDraw draw, uint64_t seed);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;

    // Vectors drawn so far.
    uint32_t vectors() const noexcept { return static_cast<uint32_t>(drawn_.size()); }
    const float *vector(uint32_t i) const noexcept { return values_.data() + size_t{i} * dims_; }
    uint64_t address(uint32_t i) const noexcept { return drawn_[i]; }

  private:
    struct Pick {
        uint32_t within;  // slot in the extent
        float scale;
    };

    uint64_t random() noexcept;
    bool is_drawn(PgsTid tid) const noexcept;
    PgsStatus take_records(const Page &page, PgsError *error);
    PgsStatus take_vector(const Page &page, PgsError *error);
    void next_record_page();
    void want_vector_page() noexcept;

    Page meta_;
    uint32_t dims_;
    uint32_t vector_bytes_;
    PgsDraw draw_;
    uint64_t random_;
    std::vector<ExtentPlace> places_;
    uint64_t record_pages_ = 0;  // of all extents
    uint32_t quota_ = 0;         // vectors wanted of all pages

    uint64_t next_page_ = 0;  // of all extents' record pages
    uint32_t place_ = 0;      // of the page in hand, in places_
    uint32_t page_in_place_ = 0;
    uint32_t share_ = 0;  // vectors wanted of it
    std::vector<Pick> picks_;
    size_t pick_ = 0;
    std::vector<uint64_t> item_;  // words, so that it is aligned
    uint32_t item_done_ = 0;      // bytes
    PageIdentity wanted_ = {};

    std::vector<uint64_t> drawn_;
    std::vector<float> values_;
};

}  // namespace pgslab
