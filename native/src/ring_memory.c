#include "ring_memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "affinity.h"
#include "bundle.h"

#define PAGE_BYTES      UINT64_C(4096)
#define HUGE_PAGE_BYTES UINT64_C(2097152)

/* A ring to be had: which stage writes it, and where its part of the memory begins. */
typedef struct plan {
    vx_ring *ring;
    uint32_t slots;
    uint32_t item_bytes;
    int writer;
    uint64_t start;
} plan;

#define PLANS_MAX (VELOX_RINGS + 1)

static uint64_t rounded(uint64_t bytes, uint64_t multiple)
{
    return (bytes + multiple - 1) / multiple * multiple;
}

/* Bytes at a multiple of a huge page; NULL: not to be had. */
static uint8_t *map_aligned(uint64_t bytes)
{
    const uint64_t room = bytes + HUGE_PAGE_BYTES;
    uint8_t *const taken = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (taken == MAP_FAILED)
        return NULL;
    const uint64_t before = rounded((uintptr_t)taken, HUGE_PAGE_BYTES) - (uintptr_t)taken;
    if (before != 0)
        munmap(taken, before);
    if (room - before != bytes)
        munmap(taken + before + bytes, room - before - bytes);
    return taken + before;
}

static void advise(const vx_memory *memory, velox_huge_pages wanted)
{
#ifdef MADV_HUGEPAGE
    const int huge =
        wanted == VELOX_HUGE_ON || (wanted == VELOX_HUGE_AUTO && memory->bytes >= HUGE_PAGE_BYTES);
    madvise(memory->base, memory->bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
#else
    (void)memory;
    (void)wanted;
#endif
}

/* Bytes of the mapping at `base` that lie in huge pages, by /proc/self/smaps. */
static uint64_t count_huge(const vx_memory *memory)
{
    char line[512];
    uint64_t kilobytes = 0;
    int inside = 0;
    FILE *const file = fopen("/proc/self/smaps", "re");
    if (file == NULL)
        return 0;
    while (fgets(line, sizeof line, file) != NULL) {
        uintptr_t first;
        uintptr_t end;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &first, &end) == 2)
            inside = first < (uintptr_t)memory->base + memory->bytes && end > (uintptr_t)memory->base;
        else if (inside && sscanf(line, "AnonHugePages: %" SCNu64, &kilobytes) == 1)
            break;
    }
    fclose(file);
    const uint64_t bytes = kilobytes * 1024;
    return bytes < memory->bytes ? bytes : memory->bytes;
}

/* Plans the rings one after the other; how many there are. The memory's size is where the next would begin.
 */
static int plan_rings(plan plans[PLANS_MAX], vx_memory *memory, vx_ring rings[VELOX_RINGS], vx_ring *journal,
                      const velox_config *config)
{
    int count = 0;
    for (int i = 0; i < VELOX_RINGS; i++)
        plans[count++] = (plan){.ring = &rings[i],
                                .slots = (uint32_t)config->values[VELOX_OPTION_RING0_SLOTS + i],
                                .item_bytes = i < VELOX_BUNDLE ? sizeof(vx_transaction) : sizeof(vx_bundle),
                                .writer = i};
    if (config->texts[VELOX_TEXT_JOURNAL][0] != '\0')
        plans[count++] = (plan){journal, VX_JOURNAL_SLOTS, sizeof(vx_transaction), VELOX_OUTPUT, 0};
    for (int i = 0; i < count; i++) {
        plans[i].start = memory->bytes;
        memory->bytes += rounded((uint64_t)plans[i].slots * plans[i].item_bytes, PAGE_BYTES);
    }
    if (count > VELOX_RINGS)
        memory->journal_bytes = memory->bytes - plans[VELOX_RINGS].start;
    return count;
}

/* Zeroes up to `end`, from the core of the ring's writer. */
static void settle_ring(const vx_memory *memory, const plan *planned, uint64_t end,
                        const vx_placement *placement)
{
    vx_visit visit;
    vx_thread_visit(placement->cores[placement->thread_of_stage[planned->writer]], &visit);
    memset(memory->base + planned->start, 0, end - planned->start);
    vx_thread_return(&visit);
    vx_ring_init_over(planned->ring, memory->base + planned->start, planned->slots, planned->item_bytes);
}

velox_status vx_memory_take(vx_memory *memory, vx_ring rings[VELOX_RINGS], vx_ring *journal,
                            const velox_config *config, const vx_placement *placement)
{
    plan plans[PLANS_MAX];
    memset(memory, 0, sizeof *memory);
    const int count = plan_rings(plans, memory, rings, journal, config);
    const velox_huge_pages wanted = (velox_huge_pages)config->values[VELOX_OPTION_HUGE_PAGES];
    if (wanted == VELOX_HUGE_ON)
        memory->bytes = rounded(memory->bytes, HUGE_PAGE_BYTES);
    memory->base = map_aligned(memory->bytes);
    if (memory->base == NULL)
        return VELOX_OUT_OF_MEMORY;
    advise(memory, wanted);
    for (int i = 0; i < count; i++)
        settle_ring(memory, &plans[i], i + 1 < count ? plans[i + 1].start : memory->bytes, placement);
    memory->huge_bytes = wanted == VELOX_HUGE_OFF ? 0 : count_huge(memory);
    return VELOX_OK;
}

static const char *lock(vx_memory *memory, uint8_t *segment, uint64_t segment_bytes)
{
    if (mlock(memory->base, memory->bytes) == 0 && mlock(segment, segment_bytes) == 0) {
        memory->locked_bytes = memory->bytes + segment_bytes;
        return NULL;
    }
    const int cause = errno;
    munlock(memory->base, memory->bytes);
    return strerror(cause);
}

void vx_memory_settle(vx_memory *memory, const velox_config *config, uint8_t *segment, uint64_t segment_bytes)
{
    char huge[80] = "no huge pages";
    char locked[80] = "not locked";
    char journal[60] = "";
    if (memory->journal_bytes != 0)
        snprintf(journal, sizeof journal, ", %" PRIu64 " KB of them the journal's",
                 memory->journal_bytes / 1024);
    if (memory->huge_bytes != 0)
        snprintf(huge, sizeof huge, "%" PRIu64 " KB of these in huge pages", memory->huge_bytes / 1024);
    else if (config->values[VELOX_OPTION_HUGE_PAGES] == VELOX_HUGE_ON)
        snprintf(huge, sizeof huge, "huge pages are not to be had here: see velox-tui doctor");
    if (config->values[VELOX_OPTION_LOCK_MEMORY] != 0) {
        const char *const refusal = lock(memory, segment, segment_bytes);
        snprintf(locked, sizeof locked, refusal == NULL ? "locked" : "locking is not to be had: %.40s",
                 refusal);
    }
    snprintf(memory->text, sizeof memory->text, "segment %" PRIu64 " KB, rings %" PRIu64 " KB%s; %s; %s",
             segment_bytes / 1024, memory->bytes / 1024, journal, huge, locked);
}

void vx_memory_give_back(vx_memory *memory)
{
    if (memory->base != NULL)
        munmap(memory->base, memory->bytes);
    memory->base = NULL;
}
