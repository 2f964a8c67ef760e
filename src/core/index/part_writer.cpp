#include "index/part_writer.h"

#include "format/meta.h"

namespace pgslab {

PartWriter::PartWriter(const ExtentPlace &place, SlotShape shape, std::deque<ReadyPage> &ready)
    : shape_(shape),
      records_(record_identity(place, 0), ready),
      refine_(refine_identity(place, 0), ready),
      slab_(slab_identity(place, 0), ready) {}

void PartWriter::add(const void *record, const void *item, const void *refine) {
    records_.append_whole(record, sizeof(Record));
    slab_.append(item, shape_.item);
    if (shape_.refine != 0) {
        refine_.append_whole(refine, shape_.refine);
    }
}

void PartWriter::end() {
    for (PageStream *table : {&records_, &refine_, &slab_}) {
        table->end();
    }
}

}  // namespace pgslab
