/* schema.c: what the tables say: whatever a user reads of a function (describe, messages, reference pages) comes from them. That they can be
 * read at all was seen when the module was opened (plugin/tables.c). */
#include "conformance/conformance.h"
#include "language/attribute.h"
#include "plugin/pattern.h"
#include <string.h>

static void check_text(fenp_check *c, const char *what, const char *name, const char *text) {
    if (!text || !*text) fenp_find(c, "%s `%s` has no help; needs a sentence for users", what, name);
    else if (strchr(text, '\n')) fenp_find(c, "help of %s `%s` has several lines; needs one", what, name);
    else if (strlen(text) > 200) fenp_find(c, "help of %s `%s` has %zu characters; needs at most 200", what, name, strlen(text));
}
/* The initial value goes through the same gate as a user's text. */
static void check_initial(fenp_check *c, fenp_trial *t, const fen_attribute *a) {
    bool later = a->type == FEN_ATTR_PATH || a->type == FEN_ATTR_RECORDS;
    if (!a->initial || later || !t->experiment || !t->build) return;
    const fen_attribute one[] = {*a, {.name = NULL}};
    const fen_function f = {.name = c->subject->name, .attributes = one};
    fenp_invocation i = {.function = &f, .kind = c->subject->of, .at = {.file = "conformance.yaml"}};
    fenp_call call = {.function = &f};
    int before = t->faults.n;
    if (!fenp_bind_attributes(&t->context, &i, &call))
        fenp_find(c, "attribute `%s`: initial `%s` is refused: %s", a->name, a->initial, t->faults.n > before ? t->faults.at[before].text : "?");
}
static bool is_word(const char *page, const char *name) { return strstr(page, name) != NULL; }
static void check_page(fenp_check *c, const fen_function *f) {
    fenp_text page = {0};
    fenp_describe(f, c->subject->of, &page);
    const char *text = page.at ? page.at : "";
    for (const fen_attribute *a = f->attributes; a && a->name; a++)
        if (!is_word(text, a->name) || !is_word(text, a->help)) fenp_find(c, "its page does not describe attribute `%s`", a->name);
    const fen_port *const tables[] = {f->inputs, f->outputs};
    for (int k = 0; k < 2; k++)
        for (const fen_port *p = tables[k]; p && p->name; p++)
            if (!is_word(text, p->name) || !is_word(text, p->help)) fenp_find(c, "its page does not describe `%s`", p->name);
    if (!is_word(text, f->summary)) fenp_find(c, "its page has no summary");
    fenp_text_free(&page);
}
void fenp_test_schema(fenp_check *c) {
    const fen_function *f = c->subject->function;
    const char *wrong = fenp_function_refuses(f, c->subject->of, &c->memory);
    if (wrong) {
        fenp_find(c, "%s", wrong);
        return;
    }
    size_t n = strlen(f->summary);
    if (n > 100 || f->summary[n - 1] != '.') fenp_find(c, "summary `%s`: needs one sentence of at most 100 characters, with a full stop", f->summary);
    for (const fen_attribute *a = f->attributes; a && a->name; a++) check_text(c, "attribute", a->name, a->help);
    for (const fen_port *p = f->inputs; p && p->name; p++) check_text(c, "input", p->name, p->help);
    for (const fen_port *p = f->outputs; p && p->name; p++) check_text(c, "output", p->name, p->help);
    const fen_function nothing = {.name = f->name, .build = NULL};
    fenp_subject s = *c->subject;
    s.function = &nothing;
    fenp_trial t;
    fenp_setup setup = {.batch = 3, .leads = 1, .mode = FEN_TRAIN, .doubles = true};
    fenp_trial_open(&t, &s, &setup, 0);
    for (const fen_attribute *a = f->attributes; a && a->name; a++) check_initial(c, &t, a);
    fenp_trial_close(&t);
    check_page(c, f);
    if (f->law && !f->law->log_density) fenp_find(c, "its law has no log_density");
}
