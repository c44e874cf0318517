/* What is printed: a table for people, or one JSON object a line. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H
#include "goals.h"
#include "machine.h"
#include "predict.h"

typedef struct bench_report {
    void (*machine)(const bench_machine *machine);
    void (*result)(const bench_result *result);
    /* `verdict` and spread as bench_judge gave them. */
    void (*goal)(const bench_goal *goal, bench_verdict verdict, const bench_spread *spread);
    void (*prediction)(const bench_prediction *prediction);
} bench_report;

extern const bench_report BENCH_TABLE;
extern const bench_report BENCH_JSON;

#endif
