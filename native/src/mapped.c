/* The handler's side takes no lock and calls nothing but what may be called at any instruction. A signal
 * comes without a context of its own, hence the only state here that all of a process shares. */
#include "mapped.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A region's place in one word, so that the handler never puts the start of one beside the length of another:
 * from the top the number of its first unit, then how many there are. */
#define UNIT_BYTES  UINT64_C(4096) /* no system has smaller pages */
#define LENGTH_BITS 28
#define START_BITS  (64 - LENGTH_BITS)
#define LENGTH_MASK ((UINT64_C(1) << LENGTH_BITS) - 1)

static vx_region regions[VX_MAPPED_MOST];
static pthread_mutex_t registering = PTHREAD_MUTEX_INITIALIZER; /* never taken by the handler */
/* Of the handler before ours. */
static VX_ATOMIC(uint64_t) before_handler; /* its address, SIG_DFL or SIG_IGN */
static VX_ATOMIC(uint64_t) before_flags;
/* The frame that passes a signal on to it; 0: none. */
static _Thread_local __attribute__((tls_model("initial-exec"))) volatile uintptr_t passing_on;

/* From the page of `at` to the end. Those pages are gone from the file as well: it is cut at `at` or before.
 */
static int put_zeros(uint64_t at, uint64_t end)
{
    const uint64_t page = at & ~((uint64_t)sysconf(_SC_PAGESIZE) - 1);
    /* The bare call: wrappers of it, as sanitizers have, are not made for a handler. */
    return syscall(SYS_mmap, page, end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0L) !=
           -1;
}

/* Whether `at` lies in a mapping that is watched, and can be read from now on.
 *
 * Relaxed: who touches a mapping was given it by whoever registered it, and so sees its region, which stays
 * as long as it may be touched. No other region holds the address: places are of mappings that are, or were
 * before this one was mapped. The mark comes before the zeros. */
static int mend(uint64_t at)
{
    int is_mended = 0;
    for (int i = 0; i < VX_MAPPED_MOST; i++) {
        const uint64_t place = vx_load_relaxed(&regions[i].place);
        const uint64_t start = (place >> LENGTH_BITS) * UNIT_BYTES;
        const uint64_t bytes = (place & LENGTH_MASK) * UNIT_BYTES;
        if (at - start >= bytes)
            continue;
        vx_store_relaxed(&regions[i].is_cut, 1);
        is_mended |= put_zeros(at, start + bytes);
    }
    return is_mended;
}

/* A signal that does not come again when its handler returns: sent, or of memory that failed elsewhere. */
static int is_news(const siginfo_t *info)
{
    return info->si_code <= 0 || info->si_code == BUS_MCEERR_AO;
}

/* Ends the process, at the instruction at fault where there is one. */
static void end_by_default(int number, const siginfo_t *info)
{
    signal(number, SIG_DFL);
    if (is_news(info))
        raise(number);
}

static void pass_on(int number, siginfo_t *info, void *context)
{
    const uint64_t handler = vx_load_relaxed(&before_handler);
    const int ignored = handler == (uint64_t)(uintptr_t)SIG_IGN;
    const uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    if (ignored && is_news(info))
        return;
    /* A handler that was set after ours and calls us again has nobody else either: our frame lies deeper
     * then. One that left by longjmp has left our frame, and with it what is noted of it. */
    const int is_called_back = passing_on != 0 && frame < passing_on;
    if (ignored || handler == (uint64_t)(uintptr_t)SIG_DFL || is_called_back) {
        end_by_default(number, info);
        return;
    }
    passing_on = frame;
    if ((vx_load_relaxed(&before_flags) & SA_SIGINFO) != 0)
        ((void (*)(int, siginfo_t *, void *))(uintptr_t)handler)(number, info, context);
    else
        ((void (*)(int))(uintptr_t)handler)(number);
    passing_on = 0;
}

static void on_bus_error(int number, siginfo_t *info, void *context)
{
    const int cause = errno;
    const int is_mended = info->si_code == BUS_ADRERR && mend((uint64_t)(uintptr_t)info->si_addr);
    errno = cause;
    if (!is_mended)
        pass_on(number, info, context);
}

/* Under the lock. 0, or the errno. */
static int set_handler(void)
{
    struct sigaction before;
    /* SA_NODEFER: what the handler before sends comes at once, while `passing_on` tells it from a new one. */
    struct sigaction ours = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigemptyset(&ours.sa_mask);
    if (sigaction(SIGBUS, NULL, &before) != 0)
        return errno;
    if ((before.sa_flags & SA_SIGINFO) != 0 && before.sa_sigaction == on_bus_error)
        return 0;
    vx_store_relaxed(&before_handler, (before.sa_flags & SA_SIGINFO) != 0
                                          ? (uint64_t)(uintptr_t)before.sa_sigaction
                                          : (uint64_t)(uintptr_t)before.sa_handler);
    vx_store_relaxed(&before_flags, (uint64_t)(unsigned)before.sa_flags);
    return sigaction(SIGBUS, &ours, NULL) == 0 ? 0 : errno;
}

/* 0: it is none that can be written in one word. */
static uint64_t place_of(const vx_mapped *mapped)
{
    const uint64_t first = (uint64_t)(uintptr_t)mapped->base / UNIT_BYTES;
    const uint64_t units = (mapped->bytes - 1) / UNIT_BYTES + 1;
    return first >> START_BITS != 0 || units > LENGTH_MASK ? 0 : first << LENGTH_BITS | units;
}

/* Under the lock. 0, or the errno. */
static int take_region(vx_mapped *mapped, uint64_t place)
{
    for (int i = 0; i < VX_MAPPED_MOST; i++) {
        if (vx_load_relaxed(&regions[i].place) != 0)
            continue;
        vx_store_relaxed(&regions[i].is_cut, 0);
        vx_store_relaxed(&regions[i].place, place);
        mapped->region = &regions[i];
        return 0;
    }
    return EMFILE;
}

/* 0, or the errno. */
static int register_mapping(vx_mapped *mapped)
{
    const uint64_t place = place_of(mapped);
    if (place == 0)
        return EFBIG;
    pthread_mutex_lock(&registering);
    int cause = set_handler();
    if (cause == 0)
        cause = take_region(mapped, place);
    pthread_mutex_unlock(&registering);
    return cause;
}

int vx_mapped_open(vx_mapped *mapped, int fd, uint64_t bytes, int sharing)
{
    void *const base = mmap(NULL, bytes, PROT_READ, sharing, fd, 0);
    if (base == MAP_FAILED)
        return errno;
    *mapped = (vx_mapped){.base = base, .bytes = bytes};
    const int cause = register_mapping(mapped);
    if (cause != 0) {
        munmap(base, bytes);
        *mapped = (vx_mapped){.base = NULL};
    }
    return cause;
}

void vx_mapped_close(vx_mapped *mapped)
{
    if (mapped->base == NULL)
        return;
    if (mapped->region != NULL) { /* before the address can be another's */
        pthread_mutex_lock(&registering);
        vx_store_relaxed(&mapped->region->place, 0);
        pthread_mutex_unlock(&registering);
    }
    munmap((void *)(uintptr_t)mapped->base, mapped->bytes);
    *mapped = (vx_mapped){.base = NULL};
}

int vx_mapped_is_whole(const vx_mapped *mapped, int fd)
{
    struct stat file;
    const int is_short = fstat(fd, &file) != 0 || (uint64_t)file.st_size < mapped->bytes;
    if (mapped->region == NULL)
        return !is_short;
    if (is_short)
        vx_store_relaxed(&mapped->region->is_cut, 1);
    /* Relaxed: another thread's fault marked before it put the zeros, which is a change of the page tables,
     * and who loaded those has made a system call since. Its own fault: program order. */
    return vx_load_relaxed(&mapped->region->is_cut) == 0;
}
