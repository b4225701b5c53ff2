/* tests/unit/test.h: what the unit tests share. A program lists its tests in a table and ends with `return fen_test_run("area", tests)`:
 * the last line says "N passed, M failed" (tests, not assertions), and the exit code is 1 where M > 0; CUnit's own runner returns 0. */
#ifndef FENCHEL_TESTS_TEST_H
#define FENCHEL_TESTS_TEST_H
#include <CUnit/Basic.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct fen_test { const char *name; CU_TestFunc run; } fen_test;      /* ended by {NULL, NULL} */

/* Assertions that say what was found; they continue. */
#define FEN_TRUE(x)          CU_assertImplementation((x) ? CU_TRUE : CU_FALSE, __LINE__, #x, __FILE__, "", CU_FALSE)
#define FEN_TEXT(x, y)       fen_test_text((x), (y), __LINE__, __FILE__)
#define FEN_COUNT(x, y)      fen_test_count((long long)(x), (long long)(y), #x, __LINE__, __FILE__)
#define FEN_NEAR(x, y, e)    fen_test_near((double)(x), (double)(y), (double)(e), #x, __LINE__, __FILE__)

__attribute__((unused, format(printf, 4, 5)))
static inline void fen_test_say(int fine, int line, const char *file, const char *format, ...) {
    char text[2048];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    CU_assertImplementation(fine ? CU_TRUE : CU_FALSE, (unsigned)line, text, file, "", CU_FALSE);
}
static inline void fen_test_text(const char *x, const char *y, int line, const char *file) {
    int same = x && y ? strcmp(x, y) == 0 : x == y;
    fen_test_say(same, line, file, "found: %s | needed: %s", x ? x : "NULL", y ? y : "NULL");
}
static inline void fen_test_count(long long x, long long y, const char *what, int line, const char *file) {
    fen_test_say(x == y, line, file, "%s: found %lld, needed %lld", what, x, y);
}
static inline void fen_test_near(double x, double y, double e, const char *what, int line, const char *file) {
    fen_test_say(fabs(x - y) <= e, line, file, "%s: found %.17g, needed %.17g within %g", what, x, y, e);
}

/* What the handlers count. A test that asserts nothing counts as failed: it would pass whatever the code does. */
static struct { unsigned asserts; int passed, failed; } fen_test_state;

static inline void fen_test_start(const CU_pTest test, const CU_pSuite suite) {
    (void)test; (void)suite;
    fen_test_state.asserts = CU_get_number_of_asserts();
}
static inline void fen_test_end(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure) {
    int empty = CU_get_number_of_asserts() == fen_test_state.asserts, fine = !empty && !failure;
    printf("%s  %s: %s%s\n", fine ? "pass" : "FAIL", suite->pName, test->pName, empty ? " (asserts nothing)" : "");
    for (const CU_FailureRecord *f = failure; f; f = f->pNext) printf("      %s:%u: %s\n", f->strFileName, f->uiLineNumber, f->strCondition);
    fflush(stdout);
    if (fine) fen_test_state.passed++;
    else fen_test_state.failed++;
}

/* Runs the tests of the table; returns the exit code. */
static inline int fen_test_run(const char *area, const fen_test *tests) {
    if (CU_initialize_registry() != CUE_SUCCESS) return 1;
    CU_pSuite suite = CU_add_suite(area, NULL, NULL);
    for (; tests->name; tests++)
        if (!CU_add_test(suite, tests->name, tests->run)) fen_test_state.failed++;
    CU_set_test_start_handler(fen_test_start);
    CU_set_test_complete_handler(fen_test_end);
    CU_run_all_tests();
    CU_cleanup_registry();
    printf("%d passed, %d failed\n", fen_test_state.passed, fen_test_state.failed);
    return fen_test_state.failed || !fen_test_state.passed;
}
#endif
