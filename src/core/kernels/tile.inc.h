// tile.inc.h - inner products of many vectors with many. Part of kernels.inc.h.
//
// A tile holds rows x tile_columns running sums in registers and walks along the rows of both
// sides, so that an element loaded once is used for several sums. A sum depends on its two rows
// alone: element i goes into lane i mod vec_width, each lane adds in the order of i, and the lanes
// are added in one order, wherever in the matrix the pair lies.

constexpr size_t tile_columns = 4;

// Rows of b that are used again and again fit the second-level cache, at least half a megabyte in
// most CPUs of today.
constexpr size_t tile_cached_bytes = size_t{256} << 10;

// The sums of four vectors of four lanes each: lanes 0 and 2, 1 and 3, then both.
inline simde__m128 sum_each(simde__m128 a, simde__m128 b, simde__m128 c, simde__m128 d) {
    const simde__m128 ab = simde_mm_add_ps(simde_mm_unpacklo_ps(a, b), simde_mm_unpackhi_ps(a, b));
    const simde__m128 cd = simde_mm_add_ps(simde_mm_unpacklo_ps(c, d), simde_mm_unpackhi_ps(c, d));
    return simde_mm_add_ps(simde_mm_movelh_ps(ab, cd), simde_mm_movehl_ps(cd, ab));
}

template <size_t rows>
using TileSums = Vec[rows][tile_columns];

// Adds the products of the next vec_width elements of each row.
template <size_t rows>
inline void tile_step(TileSums<rows> &sums, const float *const (&a)[rows],
                      const float *const (&b)[tile_columns], size_t i) {
    Vec left[rows];
    PGSLAB_UNROLL
    for (size_t r = 0; r < rows; r++) {
        left[r] = load(a[r] + i);
    }
    PGSLAB_UNROLL
    for (size_t c = 0; c < tile_columns; c++) {
        const Vec right = load(b[c] + i);
        PGSLAB_UNROLL
        for (size_t r = 0; r < rows; r++) {
            sums[r][c] = fmadd(left[r], right, sums[r][c]);
        }
    }
}

// A last step of fewer elements, with zeros behind them.
template <size_t rows>
void tile_last_step(TileSums<rows> &sums, const float *const (&a)[rows],
                    const float *const (&b)[tile_columns], size_t i, size_t left) {
    float last[rows + tile_columns][vec_width] = {};
    const float *last_a[rows], *last_b[tile_columns];
    for (size_t r = 0; r < rows; r++) {
        memcpy(last[r], static_cast<const void *>(a[r] + i), left * sizeof(float));
        last_a[r] = last[r];
    }
    for (size_t c = 0; c < tile_columns; c++) {
        memcpy(last[rows + c], static_cast<const void *>(b[c] + i), left * sizeof(float));
        last_b[c] = last[rows + c];
    }
    tile_step<rows>(sums, last_a, last_b, 0);
}

// One tile: `rows` rows from a on, `columns` rows (1 to 4) from b on; row r of the result at
// out + r * stride. Missing columns repeat the last one, and are not stored.
template <size_t rows>
void tile(const float *a, const float *b, size_t columns, size_t n, float *out, size_t stride) {
    const float *row_a[rows], *row_b[tile_columns];
    for (size_t r = 0; r < rows; r++) {
        row_a[r] = a + r * n;
    }
    for (size_t c = 0; c < tile_columns; c++) {
        row_b[c] = b + (c < columns ? c : columns - 1) * n;
    }
    TileSums<rows> sums;
    PGSLAB_UNROLL
    for (size_t r = 0; r < rows; r++) {
        PGSLAB_UNROLL
        for (size_t c = 0; c < tile_columns; c++) {
            sums[r][c] = set1(0);
        }
    }
    size_t i = 0;
    for (; n - i >= vec_width; i += vec_width) {
        tile_step<rows>(sums, row_a, row_b, i);
    }
    if (i < n) {
        tile_last_step<rows>(sums, row_a, row_b, i, n - i);
    }
    PGSLAB_UNROLL
    for (size_t r = 0; r < rows; r++) {
        const simde__m128 four =
            sum_each(fold(sums[r][0]), fold(sums[r][1]), fold(sums[r][2]), fold(sums[r][3]));
        if (columns == tile_columns) {
            simde_mm_storeu_ps(out + r * stride, four);
        } else {
            float some[tile_columns];
            simde_mm_storeu_ps(some, four);
            memcpy(static_cast<void *>(out + r * stride), some, columns * sizeof(float));
        }
    }
}

// `rows` rows from a on with all rows of b.
template <size_t rows>
void tile_row(const float *a, const float *b, size_t rows_b, size_t n, float *out, size_t stride) {
    for (size_t c = 0; c < rows_b; c += tile_columns) {
        const size_t left = rows_b - c;
        tile<rows>(a, b + c * n, left < tile_columns ? left : tile_columns, n, out + c, stride);
    }
}

void dot_tile(const float *a, size_t rows_a, const float *b, size_t rows_b, size_t n,
              float *out) noexcept {
    size_t block =
        tile_cached_bytes / sizeof(float) / (n > 0 ? n : 1) / tile_columns * tile_columns;
    block = block > tile_columns ? block : tile_columns;
    for (size_t first = 0; first < rows_b; first += block) {
        const size_t columns = rows_b - first < block ? rows_b - first : block;
        size_t r = 0;
        for (; rows_a - r >= tile_rows; r += tile_rows) {
            tile_row<tile_rows>(a + r * n, b + first * n, columns, n, out + r * rows_b + first,
                                rows_b);
        }
        for (; r < rows_a; r++) {
            tile_row<1>(a + r * n, b + first * n, columns, n, out + r * rows_b + first, rows_b);
        }
    }
}
