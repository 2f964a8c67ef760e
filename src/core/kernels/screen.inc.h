// screen.inc.h - a block's vectors against a bar, in floats. Part of kernels.inc.h.

uint32_t screen(const uint32_t sums[32], const ScreenedBlock &block, const Screen &by,
                float estimate[32], float margin[32]) noexcept {
    const Vec finite = set1(__FLT_MAX__), bar = set1(by.bar);
    uint32_t ruled_out = 0;
    PGSLAB_UNROLL
    for (size_t v = 0; v < 32; v += vec_width) {
        const Vec product = fmadd(set1(by.step), load_sums(sums + v), set1(by.base));
        const Vec centre =
            fmadd(load(block.rescale + v), product, add(load(block.add + v), set1(by.add)));
        const Vec error = load(block.error + v);
        const Vec radius = fmadd(error, set1(by.per_error), minimum(error, set1(by.underflow)));
        const Vec low = sub(centre, radius);
        store(estimate + v, centre);
        store(margin + v, radius);
        ruled_out |= (at_most(bar, low) & at_most(abs(low), finite)) << v;
    }
    return ~ruled_out;
}
