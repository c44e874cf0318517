/* Memory of the rings: whole, apart, touched; huge pages and locking where they are to be had, and said where
 * not. */
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "affinity.h"
#include "check.h"
#include "ring_memory.h"

#define PAGE 4096
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LOCKS 0 /* the sanitizers' mlock does nothing, and says that it did */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LOCKS 0
#endif
#endif
#ifndef LOCKS
#define LOCKS 1
#endif

static velox_config config;
static int journalled;
static const vx_placement anywhere = {.cores = {-1, -1, -1, -1}};

static alignas(VX_SPACING) vx_ring journal;

static void take(vx_memory *memory, vx_ring *rings, uint64_t slots, velox_huge_pages huge)
{
    vx_config_defaults(&config);
    strcpy(config.texts[VELOX_TEXT_JOURNAL], journalled ? "j.vtx" : "");
    for (int i = 0; i < VELOX_RINGS; i++)
        config.values[VELOX_OPTION_RING0_SLOTS + i] = slots;
    config.values[VELOX_OPTION_HUGE_PAGES] = huge;
    CHECK_EQUAL(vx_memory_take(memory, rings, &journal, &config, &anywhere), VELOX_OK);
}

static void check_resident(const vx_memory *memory)
{
    const uint64_t pages = (memory->bytes + PAGE - 1) / PAGE;
    unsigned char *const resident = malloc(pages);
    CHECK_EQUAL(mincore(memory->base, memory->bytes, resident), 0);
    for (uint64_t i = 0; i < pages; i++)
        CHECK((resident[i] & 1) != 0);
    free(resident);
}

static void test_every_ring_has_its_own_pages_and_they_are_there(void)
{
    static const uint64_t slots[] = {2, 64, 4096, VELOX_RING_SLOTS_MAX};
    static const uint64_t bytes[VELOX_RINGS] = {32, 32, 576};
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++)
        for (int huge = VELOX_HUGE_AUTO; huge <= VELOX_HUGE_OFF; huge++) {
            alignas(VX_SPACING) vx_ring rings[VELOX_RINGS];
            vx_memory memory;
            take(&memory, rings, slots[i], (velox_huge_pages)huge);
            const uint8_t *end = memory.base;
            for (int ring = 0; ring < VELOX_RINGS; ring++) {
                CHECK_EQUAL((uintptr_t)rings[ring].slots % PAGE, 0);
                CHECK(rings[ring].slots >= end);
                end = rings[ring].slots + slots[i] * bytes[ring];
            }
            CHECK(end <= memory.base + memory.bytes);
            CHECK(memory.huge_bytes <= memory.bytes);
            CHECK(huge != VELOX_HUGE_OFF || memory.huge_bytes == 0);
            check_resident(&memory);
            vx_memory_give_back(&memory);
            vx_memory_give_back(&memory); /* twice is once */
        }
}

static void test_the_journals_ring_is_among_them(void)
{
    for (int huge = VELOX_HUGE_AUTO; huge <= VELOX_HUGE_OFF; huge++) {
        alignas(VX_SPACING) vx_ring rings[VELOX_RINGS];
        vx_memory memory;
        journalled = 1;
        take(&memory, rings, 64, (velox_huge_pages)huge);
        journalled = 0;
        CHECK_EQUAL((uintptr_t)journal.slots % PAGE, 0);
        CHECK(journal.slots >= rings[VELOX_RINGS - 1].slots + 64 * 576);
        CHECK(journal.slots + VX_JOURNAL_SLOTS * 32 <= memory.base + memory.bytes);
        CHECK_EQUAL(memory.journal_bytes, VX_JOURNAL_SLOTS * 32);
        check_resident(&memory);
        config.values[VELOX_OPTION_LOCK_MEMORY] = 1;
        vx_memory_settle(&memory, &config, memory.base, PAGE);
        CHECK(memory.locked_bytes == 0 || memory.locked_bytes == memory.bytes + PAGE);
        CHECK(strstr(memory.text, " KB, 2048 KB of them the journal's; ") != NULL);
        vx_memory_give_back(&memory);
    }
}

static void test_what_was_asked_for_is_said(void)
{
    alignas(VX_SPACING) vx_ring rings[VELOX_RINGS];
    vx_memory memory;
    uint8_t *const segment = aligned_alloc(PAGE, PAGE);
    take(&memory, rings, 64, VELOX_HUGE_ON);
    vx_memory_settle(&memory, &config, segment, PAGE);
    CHECK((memory.huge_bytes != 0) == (strstr(memory.text, "in huge pages") != NULL));
    CHECK((memory.huge_bytes == 0) == (strstr(memory.text, "huge pages are not to be had") != NULL));
    CHECK(strstr(memory.text, "segment 4 KB, rings 2048 KB; ") == memory.text);
    CHECK(strstr(memory.text, "; not locked") != NULL);
    CHECK_EQUAL(memory.locked_bytes, 0);
    vx_memory_give_back(&memory);
    free(segment);
}

/* In a process that may lock nothing: 0 when the refusal is said. */
static int lock_without_permission(void)
{
    alignas(VX_SPACING) vx_ring rings[VELOX_RINGS];
    const struct rlimit none = {0, 0};
    vx_memory memory;
    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0))
        return 1;
    take(&memory, rings, 64, VELOX_HUGE_OFF);
    config.values[VELOX_OPTION_LOCK_MEMORY] = 1;
    vx_memory_settle(&memory, &config, memory.base, PAGE);
    return memory.locked_bytes != 0 || strstr(memory.text, "; locking is not to be had: ") == NULL;
}

/* Sanitizers make mlock a call that does nothing, and always succeeds. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LOCKS 0
#else
#define LOCKS 1
#endif

static void test_locking(void)
{
    alignas(VX_SPACING) vx_ring rings[VELOX_RINGS];
    vx_memory memory;
    int status;
    const pid_t child = fork();
    if (child == 0)
        _exit(LOCKS && lock_without_permission());
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    take(&memory, rings, 64, VELOX_HUGE_OFF);
    config.values[VELOX_OPTION_LOCK_MEMORY] = 1;
    vx_memory_settle(&memory, &config, memory.base, PAGE);
    CHECK((memory.locked_bytes == memory.bytes + PAGE) == (strstr(memory.text, "; locked") != NULL));
    CHECK((memory.locked_bytes == 0) == (strstr(memory.text, "not to be had") != NULL));
    vx_memory_give_back(&memory);
}

static void test_a_visit_ends_where_it_began(void)
{
    int before[VX_CORES_MAX], after[VX_CORES_MAX];
    vx_visit visit;
    const int count = vx_usable_cores(before, VX_CORES_MAX);
    vx_thread_visit(before[count - 1], &visit);
    CHECK(visit.away);
    CHECK_EQUAL(vx_usable_cores(after, VX_CORES_MAX), 1);
    CHECK_EQUAL(after[0], before[count - 1]);
    vx_thread_return(&visit);
    CHECK_EQUAL(vx_usable_cores(after, VX_CORES_MAX), count);
    CHECK(memcmp(before, after, (size_t)count * sizeof before[0]) == 0);
    vx_thread_visit(-1, &visit);
    CHECK(!visit.away);
    vx_thread_visit(VX_CORES_MAX * 1000, &visit);
    CHECK(!visit.away);
    vx_thread_return(&visit);
    CHECK_EQUAL(vx_usable_cores(after, VX_CORES_MAX), count);
}

int main(void)
{
    RUN(test_every_ring_has_its_own_pages_and_they_are_there);
    RUN(test_the_journals_ring_is_among_them);
    RUN(test_what_was_asked_for_is_said);
    if (LOCKS)
        RUN(test_locking);
    RUN(test_a_visit_ends_where_it_began);
    return 0;
}
