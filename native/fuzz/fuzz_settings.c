/* Settings of any content: every option, every text, and the list of cores against a machine made up. An
 * input is u8 option, u64 value, u8 threading, u8 wait, u8 number of usable cores, as many u8 (each core's
 * distance from the one before), then the text. */
#include "fuzz.h"

#include "config.h"
#include "placement.h"

#define USABLE_MAX 64
#define TEXT_MAX   8192

static int is_usable(const int *usable, int count, int core)
{
    for (int i = 0; i < count; i++)
        if (usable[i] == core)
            return 1;
    return 0;
}

/* Every stage has a thread and every thread a stage, on a core there is. */
static void check_chosen(const vx_placement *chosen, const int *usable, int count)
{
    PROMISE(chosen->threading == VELOX_DEDICATED || chosen->threading == VELOX_SHARED);
    PROMISE(chosen->wait >= VELOX_SPIN && chosen->wait <= VELOX_BACKOFF);
    PROMISE(chosen->threads >= 1 && chosen->threads <= VELOX_STAGES);
    PROMISE(chosen->wait != VELOX_SPIN || chosen->threads <= chosen->usable_cores);
    PROMISE(strnlen(chosen->reason, sizeof chosen->reason) < sizeof chosen->reason);
    for (int i = 0; i < chosen->threads; i++)
        PROMISE(chosen->cores[i] == -1 || is_usable(usable, count, chosen->cores[i]));
    for (int i = 0, last = 0; i < VELOX_STAGES; i++) {
        const int thread = chosen->thread_of_stage[i];
        PROMISE(thread == last || (i > 0 && thread == last + 1));
        last = thread;
        PROMISE(i + 1 < VELOX_STAGES || thread == chosen->threads - 1);
    }
}

/* The list that was taken is what it was given, number by number. */
static void check_named(const vx_placement *chosen, const char *text)
{
    int named = 0;
    for (const char *at = text;; named++) {
        PROMISE(named < VELOX_STAGES); /* there is at most one thread a stage */
        char *end;
        const long core = strtol(at, &end, 10);
        PROMISE(end != at);
        if (named < chosen->threads)
            PROMISE(chosen->cores[named] == core);
        if (*end == '\0')
            return;
        PROMISE(*end == ',');
        at = end + 1;
    }
}

static void check_texts(velox_config *config, const char *text)
{
    char error[VELOX_ERROR_BYTES];
    for (int which = -1; which <= VELOX_TEXT_COUNT; which++) {
        const int status = velox_config_set_text(config, which, text, error);
        if (status == VELOX_OK)
            PROMISE(strcmp(config->texts[which], text) == 0);
        else
            fuzz_check_message(error);
    }
}

static void check_option(velox_config *config, int option, uint64_t value)
{
    char error[VELOX_ERROR_BYTES];
    if (velox_config_set(config, option, value, error) == VELOX_OK)
        PROMISE(config->values[option] == value && vx_config_allows(option, value));
    else
        fuzz_check_message(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static char text[TEXT_MAX];
    int usable[USABLE_MAX];
    fuzz_bytes from = {bytes, size};
    char error[VELOX_ERROR_BYTES];
    vx_placement chosen;
    velox_config *const config = velox_config_create();
    PROMISE(config != NULL);
    const int option = (int)(int8_t)fuzz_number(&from, 1);
    check_option(config, option, fuzz_number(&from, 8));
    const velox_threading threading = (velox_threading)(fuzz_number(&from, 1) % 3);
    const velox_wait wait = (velox_wait)(fuzz_number(&from, 1) % 4);
    const int count = 1 + (int)(fuzz_number(&from, 1) % USABLE_MAX);
    for (int i = 0, core = -1; i < count; i++)
        usable[i] = core += 1 + (int)fuzz_number(&from, 1);
    text[fuzz_copy(&from, text, sizeof text - 1)] = '\0';
    check_texts(config, text);
    velox_config_destroy(config);
    const velox_status status =
        vx_placement_choose(&chosen, threading, wait, text[0] == '\0' ? NULL : text, usable, count, error);
    if (status != VELOX_OK) {
        fuzz_check_message(error);
        return 0;
    }
    check_chosen(&chosen, usable, count);
    if (text[0] != '\0')
        check_named(&chosen, text);
    return 0;
}
