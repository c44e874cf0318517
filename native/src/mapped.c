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

static vx_region regions[VX_MAPPED_MOST];
static pthread_mutex_t registering = PTHREAD_MUTEX_INITIALIZER; /* never taken by the handler */
/* Of the handler before ours. */
static VX_ATOMIC(uint64_t) before_handler; /* its address, SIG_DFL or SIG_IGN */
static VX_ATOMIC(uint64_t) before_flags;
static VX_ATOMIC(uint64_t) is_passing_on;

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
 * Relaxed: who touches a mapping was given it by whoever registered it, and so sees its region; one that is
 * being registered or closed by another thread meanwhile is touched by nobody. Each that fits is marked, so
 * that the right one is, whatever is seen of those. The mark comes before the zeros. */
static int mend(uint64_t at)
{
    int is_mended = 0;
    for (int i = 0; i < VX_MAPPED_MOST; i++) {
        const uint64_t start = vx_load_relaxed(&regions[i].start);
        const uint64_t bytes = vx_load_relaxed(&regions[i].bytes);
        if (start == 0 || at - start >= bytes)
            continue;
        vx_store_relaxed(&regions[i].is_cut, 1);
        is_mended |= put_zeros(at, start + bytes);
    }
    return is_mended;
}

/* Ends the process, at the instruction at fault where there is one. */
static void end_by_default(int number, const siginfo_t *info)
{
    signal(number, SIG_DFL);
    if (info->si_code <= 0) /* sent: it does not come again by itself */
        raise(number);
}

static void pass_on(int number, siginfo_t *info, void *context)
{
    const uint64_t handler = vx_load_relaxed(&before_handler);
    const int ignored = handler == (uint64_t)(uintptr_t)SIG_IGN;
    uint64_t not_yet = 0;
    if (ignored && info->si_code <= 0)
        return;
    /* One that was set after ours and calls us again: it, too, has nobody else. Relaxed: a turn, not a
     * message. */
    if (ignored || handler == (uint64_t)(uintptr_t)SIG_DFL || !vx_cas_relaxed(&is_passing_on, &not_yet, 1)) {
        end_by_default(number, info);
        return;
    }
    if ((vx_load_relaxed(&before_flags) & SA_SIGINFO) != 0)
        ((void (*)(int, siginfo_t *, void *))(uintptr_t)handler)(number, info, context);
    else
        ((void (*)(int))(uintptr_t)handler)(number);
    vx_store_relaxed(&is_passing_on, 0);
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
    /* SA_NODEFER: what the handler before sends comes while is_passing_on tells it from a new one. */
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

/* 0, or the errno. */
static int register_mapping(vx_mapped *mapped)
{
    pthread_mutex_lock(&registering);
    int cause = set_handler();
    int i = 0;
    while (i < VX_MAPPED_MOST && vx_load_relaxed(&regions[i].start) != 0)
        i++;
    if (cause == 0 && i == VX_MAPPED_MOST)
        cause = EMFILE;
    if (cause == 0) {
        vx_store_relaxed(&regions[i].is_cut, 0);
        vx_store_relaxed(&regions[i].bytes, mapped->bytes);
        vx_store_relaxed(&regions[i].start, (uint64_t)(uintptr_t)mapped->base);
        mapped->region = &regions[i];
    }
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
        vx_store_relaxed(&mapped->region->bytes, 0);
        vx_store_relaxed(&mapped->region->start, 0);
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
    /* Relaxed: another thread's fault marked before it put the zeros, and who loaded those has made a system
     * call since. Its own fault: program order. */
    return vx_load_relaxed(&mapped->region->is_cut) == 0;
}
