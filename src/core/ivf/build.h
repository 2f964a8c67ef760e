// Building an index from scratch: a rewrite that replaces nothing, to runs that nobody else wants.
//
// Rows come in the order of their lists, and each table is filled page by page; pages come out as
// they get full. Where each table is, is known once the number of rows is.
#pragma once

#include <cstdint>
#include <optional>

#include "ivf/codebook.h"
#include "ivf/rewrite.h"
#include "pgslab/index.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab {

class Build {
  public:
    // The codebook must outlive it.
    Build(const PgsOptions &options, const Codebook &codebook);

    // Writes what the index is without rows: its codebook. See pgslab/build.h for this and the
    // others. May throw std::bad_alloc.
    PgsStatus begin();
    PgsStatus begin_rows(uint64_t rows, uint32_t *blocks, PgsError *error);
    PgsStatus add_row(const uint8_t *row, uint32_t list, PgsError *error);
    PgsStatus end_rows(PgsError *error);
    const Page *next_page(uint32_t *block) noexcept;
    void write_meta(Page &page) const noexcept { page = meta_; }

  private:
    PgsStatus reserve_runs(PgsError *error);

    const Codebook &codebook_;
    Page meta_;
    std::optional<Rewrite> rewrite_;  // once rows begin
};

}  // namespace pgslab
