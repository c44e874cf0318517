/* Which files of transactions are refused, and what is said of them. */
#include <sys/stat.h>

#include "input_file.h"

static void check_refused(velox_status status, const char *words)
{
    memset(error, 'x', sizeof error);
    CHECK_EQUAL(vx_input_open(path, &input, error), status);
    CHECK(memchr(error, 0, sizeof error) != NULL);
    CHECK(strstr(error, words) != NULL);
    CHECK(strstr(error, path) != NULL);
    CHECK(strchr(error, '\n') == NULL);
    CHECK_EQUAL(vx_input_ended(&input), 1);
    CHECK(input.map.base == NULL); /* nothing stays mapped */
    vx_input_close(&input);
}

static void shouldSayWhatIsWrongWhenTheFileCannotBeRead(void)
{
    reset(0);
    unlink(path);
    check_refused(VELOX_INPUT_MISSING, "No such file");
    CHECK_EQUAL(mkdir(path, 0700), 0);
    check_refused(VELOX_INPUT_INVALID, "not a regular file");
    CHECK_EQUAL(rmdir(path), 0);
    CHECK_EQUAL(mkfifo(path, 0600), 0);
    check_refused(VELOX_INPUT_INVALID, "not a regular file");
    unlink(path);
}

static void shouldSayHowManyBytesWhenSizesDisagree(void)
{
    static const size_t headers[] = {0, 1, 4095};
    reset(0);
    for (unsigned i = 0; i < 3; i++) {
        write_file(headers[i], 0);
        check_refused(VELOX_INPUT_INVALID, "shorter than a .vtx header");
    }
    write_file(4096, 0);
    check_refused(VELOX_INPUT_INVALID, "holds no transactions");
    write_file(4096, 1);
    check_refused(VELOX_INPUT_INVALID, "1 bytes beyond");
    write_file(4096, 3 * 32 + 31);
    check_refused(VELOX_INPUT_INVALID, "31 bytes beyond");
    reset(4);
    write_file(4096, 3 * 32 + 31);
    check_refused(VELOX_INPUT_INVALID, "says 4 transactions, the file holds 3");
    reset(UINT64_MAX);
    write_file(4096, 3 * 32);
    check_refused(VELOX_INPUT_INVALID, "the file holds 3");
}

static void check_header_refused(const char *words)
{
    write_file(4096, 32);
    check_refused(VELOX_INPUT_INVALID, words);
    reset(0);
}

static void shouldNameTheValueWhenTheHeaderIsNotAllowed(void)
{
    reset(0);
    header.magic[7] = 'Y';
    check_header_refused("not a .vtx file");
    header.version = 2;
    check_header_refused("version 2");
    header.header_bytes = 512;
    check_header_refused("512 bytes");
    header.levels = 1000;
    check_header_refused("1000 levels");
    header.levels = 4160;
    check_header_refused("4160 levels");
    header.ticks_per_level = 0;
    check_header_refused("0 ticks");
    header.ticks_per_level = 1000001;
    check_header_refused("1000001 ticks");
    header.base_price = 0;
    check_header_refused("base price 0");
    header.base_price = INT64_MIN;
    check_header_refused("base price -9223372036854775808");
    header.base_price = VX_PRICE_MAX + 1;
    check_header_refused("base price 9007199254740993");
}

static void shouldFitTheMessageWhenThePathIsLong(void)
{
    char long_path[1000];
    memset(long_path, 'a', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = 0;
    CHECK_EQUAL(vx_input_open(long_path, &input, error), VELOX_INPUT_MISSING);
    CHECK(strlen(error) < VELOX_ERROR_BYTES);
    CHECK(strstr(error, "File name too long") != NULL);
}

static void shouldOpenWithNoWindowOrAShorterCount(void)
{
    reset(2);
    header.levels = 0;
    header.base_price = 0;
    write_file(4096, 5 * 32 + 7);
    CHECK_EQUAL(vx_input_open(path, &input, error), VELOX_OK);
    CHECK_EQUAL(input.count, 2);
    vx_input_close(&input);
    CHECK(input.map.base == NULL && input.ended); /* closing it again does nothing */
}

static void shouldTakeTheValuesAtTheBounds(void)
{
    static const uint32_t levels[] = {64, VELOX_LEVELS_MAX};
    static const uint32_t ticks[] = {1, 1000000};
    static const int64_t prices[] = {1, VX_PRICE_MAX};
    for (int i = 0; i < 2; i++) {
        reset(0);
        header.levels = levels[i];
        header.ticks_per_level = ticks[i];
        header.base_price = prices[i];
        write_file(4096, 32);
        CHECK_EQUAL(vx_input_open(path, &input, error), VELOX_OK);
        vx_input_close(&input);
    }
}

int main(void)
{
    scratch_file(path);
    RUN(shouldSayWhatIsWrongWhenTheFileCannotBeRead);
    RUN(shouldSayHowManyBytesWhenSizesDisagree);
    RUN(shouldNameTheValueWhenTheHeaderIsNotAllowed);
    RUN(shouldFitTheMessageWhenThePathIsLong);
    RUN(shouldOpenWithNoWindowOrAShorterCount);
    RUN(shouldTakeTheValuesAtTheBounds);
    unlink(path);
    return 0;
}
