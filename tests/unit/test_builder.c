/* tests/unit/test_builder.c: shapes and alignment, what fen_apply decides about a node (type, width, what it depends on), poison, and
 * the verbs that turn into other ops. */
#include "test.h"
#include "evaluate.h"

typedef struct world { fenp_faults faults; fenp_store *store; fen_builder *b; } world;
static world open_world(bool doubles) { return (world){.store = fenp_store_new(doubles)}; }
static fen_builder *builder(world *w, bool doubles) {
    fen_builder *b = w->b = fenp_builder_new(w->store, FEN_EVALUATE, doubles, &w->faults);
    b->axis[1] = (fenp_axis){.name = "k", .size = 5, .counted = true};
    b->axis[2] = (fenp_axis){.name = "t", .size = 3, .from = -1, .to = 2};
    b->axis[FEN_BATCH].size = 4;
    b->axes = 3;
    return b;
}
static void close_world(world *w) {
    fenp_builder_free(w->b);
    fenp_store_free(w->store);
    fenp_faults_free(&w->faults);
}
static const char *last_fault(const world *w) { return w->faults.n ? w->faults.at[w->faults.n - 1].text : "none"; }

/* "bk;28,3": b is the batch, k axis 1, t axis 2. */
static fen_shape shape(const char *text) {
    static const int64_t size[3] = {4, 5, 3};
    fen_shape s = {0};
    for (; *text != ';'; text++) {
        s.axis[s.leads] = *text == 'b' ? 0 : *text == 'k' ? 1 : 2;
        s.size[s.leads] = size[s.axis[s.leads]];
        s.leads++;
    }
    s.rank = s.leads;
    for (text++; *text; text += *text == ',') s.size[s.rank++] = strtoll(text, (char **)(void *)&text, 10);
    return s;
}
static fen_node *value(fen_builder *b, const char *s) { return fenp_feed_new(b, "v", shape(s), FEN_REAL, false, FENP_ON_DRAW, NULL); }
static fen_node *whole(fen_builder *b, const char *s) { return fenp_feed_new(b, "i", shape(s), FEN_INTEGER, false, FENP_ON_DRAW, NULL); }

static void test_shapes(void) {
    char text[160];
    world w = open_world(false);
    fen_builder *b = builder(&w, false);
    FEN_TEXT(fenp_shape_text(b, shape("bk;28,28,1"), text), "[batch, k; 28, 28, 1]");
    FEN_TEXT(fenp_shape_text(b, shape("b;"), text), "[batch;]");
    FEN_TEXT(fenp_shape_text(b, shape(";3"), text), "[; 3]");
    FEN_TEXT(fenp_shape_text(b, shape(";"), text), "[;]");
    fen_shape s = shape("bk;6,7");
    FEN_COUNT(fenp_count(&s), 840);
    FEN_COUNT(fen_rows(&s), 20);
    FEN_COUNT(fen_row_size(&s), 42);
    FEN_COUNT(fenp_lead_of(&s, 1), 1);
    FEN_COUNT(fenp_lead_of(&s, 2), -1);
    fen_shape without = fenp_without(s, 1u << 0 | 1u << 2), want = shape("k;7");
    FEN_TRUE(fenp_same(&without, &want));
    fen_node *x = value(b, "bk;6,7");
    FEN_COUNT(fen_feature(x, 0), 6);
    FEN_COUNT(fen_feature(x, -1), 7);
    FEN_COUNT(fen_feature(x, 2), 1);
    FEN_COUNT(fen_feature(x, -3), 1);
    FEN_COUNT(fen_feature(b->faulty, 0), 1);
    fen_shape faulty = fen_shape_of(b->faulty);
    FEN_COUNT(fen_rows(&faulty) + fen_row_size(&faulty), 2);
    close_world(&w);
}

static void test_alignment(void) {
    static const struct { const char *x, *y, *want; } rows[] = {
        {"b;", "b;2", "b;2"}, {"b;20", "k;20", "bk;20"}, {"k;", "b;", "bk;"}, {"bt;3", "k;1", "bkt;3"}, {";", "b;2", "b;2"},
        {"b;1,7", ";6,1", "b;6,7"}, {";7", "b;6,7", "b;6,7"}, {"b;3", "b;4", NULL}, {";2,3", ";3,2", NULL},
        {"bkt;1,2,3,4,5", "b;5", "bkt;1,2,3,4,5"}, {"b;1,2,3,4,5,6,7", "k;7", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fen_shape x = shape(rows[i].x), y = shape(rows[i].y), s, r;
        bool fits = fenp_align(&x, &y, &s), back = fenp_align(&y, &x, &r);
        FEN_TRUE(fits == back && fits == !!rows[i].want);
        if (!fits || !rows[i].want) continue;
        fen_shape want = shape(rows[i].want);
        FEN_TRUE(!memcmp(&s, &want, sizeof s) && !memcmp(&r, &want, sizeof r));
    }
    fen_shape one = shape("b;"), other = shape("b;"), s;
    other.size[0] = 9;
    FEN_TRUE(!fenp_align(&one, &other, &s));
    world w = open_world(false);
    fen_builder *b = builder(&w, false);
    fen_add(b, value(b, "b;3"), value(b, "b;4"));
    FEN_TEXT(last_fault(&w), "add: shapes [batch; 3] and [batch; 4] do not fit: feature axes align on the right, leading axes by name");
    fen_node *sum = fen_mul(b, value(b, "b;"), value(b, "k;2"));
    fen_shape want = shape("bk;2");
    FEN_TRUE(fenp_same(&sum->shape, &want));
    close_world(&w);
}

/* Numbers and constants are wide, the rest is in `precision`; what meets a narrow value is rounded, once. */
static void test_width(void) {
    world w = open_world(false);
    fen_builder *b = builder(&w, false);
    fen_node *x = value(b, "b;3"), *table = fen_sqrt(b, fen_fill(b, shape(";3"), 2)), *number = fen_exp(b, fenp_number(b, 1));
    FEN_TRUE(!x->wide && table->wide && number->wide && !fenp_node_of(table)->depends && !fenp_node_of(number)->depends);
    fen_node *y = fen_mul(b, x, table);
    FEN_TRUE(!y->wide && fenp_node_of(y)->depends == FENP_ON_DRAW);
    for (int i = 0; i < 2; i++) FEN_TRUE(!y->in[i]->wide);
    FEN_TRUE(y->in[1]->op == &fenp_op_cast || y->in[1]->op == &fenp_op_broadcast);
    fen_node *total = fen_sum(b, y);
    FEN_TRUE(total->wide && total->type == FEN_REAL && !total->shape.rank);
    fen_node *scaled = fen_mul(b, x, number);
    FEN_TRUE(!scaled->wide && !scaled->in[1]->wide && scaled->in[1]->op == &fenp_op_cast);
    fen_node *accumulator = fenp_feed_new(b, "a", shape(";3"), FEN_REAL, true, FENP_ON_STORE, NULL);
    fen_node *root = fen_sqrt(b, accumulator);
    FEN_TRUE(accumulator->wide && !root->wide && root->in[0]->op == &fenp_op_cast);
    FEN_TRUE(fenp_widen(b, root->in[0], true) == accumulator && fenp_widen(b, x, false) == x);
    fen_node *small = fenp_widen(b, table, false), *again = fen_exp(b, small);        /* a constant is double again */
    FEN_TRUE(!small->wide && again->wide && again->in[0] == table);
    FEN_COUNT(w.faults.n, 0);
    close_world(&w);
    w = open_world(true);
    b = builder(&w, true);
    x = value(b, "b;3");                      /* a narrow feed in a build that is double throughout */
    y = fen_exp(b, x);
    FEN_TRUE(y->wide && y->in[0]->op == &fenp_op_cast && y->in[0]->wide);
    close_world(&w);
}

static void test_slots(void) {
    world w = open_world(false);
    fen_builder *b = builder(&w, false);
    fenp_slot *weight = fenp_store_slot(w.store, "params/n", "params/n/weight", shape(";3"), FEN_REAL, false, 0);
    fenp_slot *scale = fenp_store_slot(w.store, "params/n", "params/n/scale", shape(";"), FEN_REAL, false, 1);
    fen_node *x = fenp_slot_read(b, weight), *s = fenp_slot_read(b, scale);
    FEN_TRUE(x->op == &fenp_op_slot && !x->wide && fenp_node_of(x)->depends == FENP_ON_STORE && fenp_slot_read(b, weight) == x);
    FEN_TRUE(s->wide && s->op == &fenp_op_slot);          /* stored in single, read as a double */
    fen_node *next = fen_mul(b, x, s);
    fenp_slot_assign(b, weight, next);
    FEN_TRUE(fenp_slot_read(b, weight) == next && fenp_slot_read(b, scale) == s);
    fenp_slot_assign(b, weight, value(b, ";4"));
    FEN_TEXT(last_fault(&w), "params/n/weight: its new value has shape [; 4], it has [; 3]");
    close_world(&w);
}

static void test_types(void) {
    world w = open_world(false);
    fen_builder *b = builder(&w, false);
    fen_node *i = whole(b, "b;"), *j = whole(b, "k;"), *x = value(b, "b;3"), *two = fenp_integer(b, 2);
    static fen_node *(*const stay[])(fen_builder *, fen_node *, fen_node *) = {fen_add, fen_sub, fen_mul, fenp_remainder, fen_max, fen_min};
    for (int k = 0; k < 6; k++) {
        FEN_COUNT(stay[k](b, i, j)->type, FEN_INTEGER);
        FEN_COUNT(stay[k](b, i, two)->type, FEN_INTEGER);
        FEN_COUNT(stay[k](b, i, x)->type, FEN_REAL);
        FEN_COUNT(stay[k](b, i, fenp_number(b, 0.5))->type, FEN_REAL);
    }
    FEN_COUNT(fen_div(b, i, j)->type, FEN_REAL);
    FEN_COUNT(fenp_power(b, i, two)->type, FEN_REAL);
    FEN_COUNT(fen_less(b, x, i)->type, FEN_INTEGER);
    FEN_TRUE(fen_equal(b, i, j)->op == &fenp_op_int_equal && fen_equal(b, x, i)->op == &fenp_op_equal);
    FEN_COUNT(fen_where(b, x, i, j)->type, FEN_INTEGER);
    FEN_COUNT(fen_where(b, i, x, j)->type, FEN_REAL);
    FEN_COUNT(fen_neg(b, i)->type, FEN_INTEGER);
    FEN_COUNT(fen_abs(b, i)->type, FEN_INTEGER);
    FEN_COUNT(fen_sign(b, i)->type, FEN_INTEGER);
    FEN_COUNT(fen_scale(b, i, 3)->type, FEN_INTEGER);
    FEN_COUNT(fen_scale(b, i, 0.5)->type, FEN_REAL);
    FEN_TRUE(fen_floor(b, i) == i && fenp_round(b, i) == i && fen_floor(b, x)->type == FEN_REAL);
    FEN_COUNT(fen_exp(b, i)->type, FEN_REAL);
    FEN_COUNT(fenp_isfinite(b, x)->type, FEN_INTEGER);
    FEN_COUNT(fen_coordinate(b, 1)->type, FEN_INTEGER);
    FEN_COUNT(fen_coordinate(b, 2)->type, FEN_REAL);
    FEN_COUNT(w.faults.n, 0);
    fen_apply(b, &fenp_op_int_add, (fen_node *const[]){x, x}, 2, NULL);
    FEN_TEXT(last_fault(&w), "int_add: needs integers, not reals; given [batch; 3] and [batch; 3]");
    fen_apply(b, &fenp_op_add, (fen_node *const[]){x, value(b, "b;4")}, 2, NULL);
    FEN_TEXT(last_fault(&w), "add: needs equal shapes; given [batch; 3] and [batch; 4]");
    fen_apply(b, &fenp_op_add, (fen_node *const[]){x}, 1, NULL);
    FEN_TEXT(last_fault(&w), "add: has another number of inputs");
    fen_apply(b, &fenp_op_add, (fen_node *const[]){x, NULL}, 2, NULL);
    FEN_TEXT(last_fault(&w), "add: an input is missing");
    close_world(&w);
}

/* One fault at the root; all else is silent. */
static void test_poison(void) {
    world w = open_world(false);
    fen_builder *b = builder(&w, false);
    b->place = (fenp_place){"file.yaml", 3, 7};
    fen_node *bad = fen_fault(b, "who: given %d, needed %d", 1, 2), *x = value(b, "b;3");
    FEN_COUNT(w.faults.n, 1);
    FEN_TEXT(w.faults.at[0].text, "who: given 1, needed 2");
    FEN_COUNT(w.faults.at[0].at.line, 3);
    fen_node *all[] = {
        fen_add(b, x, bad), fen_add(b, bad, x), fen_sub(b, fenp_number(b, 1), bad), fen_mul(b, bad, fenp_number(b, 2)), fen_div(b, x, bad),
        fen_max(b, bad, bad), fen_log(b, bad), fen_abs(b, bad), fen_neg(b, bad), fen_sign(b, bad), fen_floor(b, bad), fen_scale(b, bad, 2),
        fen_power(b, bad, 2), fen_power(b, bad, -0.5), fenp_power(b, x, bad), fen_relu(b, bad), fen_where(b, bad, x, x), fen_where(b, x, x, bad),
        fen_one_hot(b, bad, 3), fen_feature_coordinate(b, bad, 0), fen_stop_gradient(b, bad), fenp_to_integer(b, bad), fenp_to_real(b, bad),
        fenp_named(b, "n", bad), fen_gradient(b, bad, x), fen_gradient(b, x, bad), fen_sum(b, bad), fenp_isfinite(b, bad),
        fenp_widen(b, bad, false),
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) FEN_TRUE(fenp_is_faulty(b, all[i]));
    FEN_COUNT(w.faults.n, 1);
    b->graph.n = FENP_MAX_NODES;              /* as if it were full: said once */
    FEN_TRUE(fenp_is_faulty(b, fen_fill(b, shape(";3"), 1)) && fenp_is_faulty(b, fen_fill(b, shape(";3"), 1)));
    FEN_COUNT(w.faults.n, 2);
    b->graph.n = 1;
    close_world(&w);
}

/* What the text says plainly is built in its stable form, and never past a name. */
static void test_forms(void) {
    world w = open_world(false);
    fen_builder *b = builder(&w, false);
    fen_node *x = value(b, "b;3"), *s = fen_sigmoid(b, x), *one = fenp_integer(b, 1);
    FEN_TRUE(fen_log(b, s)->op == &fenp_op_log_sigmoid && fen_log(b, s)->in[0] == x);
    fen_node *rest = fen_log(b, fen_sub(b, one, s));
    FEN_TRUE(rest->op == &fenp_op_log_sigmoid && rest->in[0]->op == &fenp_op_affine && rest->in[0]->attrs.real[0] == -1 && rest->in[0]->in[0] == x);
    FEN_TRUE(fen_log(b, fenp_named(b, "s", s))->op == &fenp_op_log);
    FEN_TRUE(fen_log(b, fen_exp(b, x)) == x);
    FEN_TRUE(fen_power(b, x, 1) == x && fen_power(b, x, 2)->op == &fenp_op_square && fen_power(b, x, 0.5)->op == &fenp_op_sqrt);
    FEN_TRUE(fen_power(b, x, 3)->op == &fenp_op_mul && fen_power(b, x, 2.5)->op == &fenp_op_power && fen_power(b, x, -1)->op == &fenp_op_div);
    FEN_TRUE(fenp_power(b, x, fenp_integer(b, 2))->op == &fenp_op_square && fenp_power(b, x, x)->op == &fenp_op_power2);
    FEN_TRUE(fen_div(b, x, fenp_number(b, 4))->op == &fenp_op_affine && fen_div(b, x, fenp_number(b, 3))->op == &fenp_op_div);
    FEN_TRUE(fen_add(b, x, fenp_integer(b, 1))->op == &fenp_op_affine && fen_scale(b, x, 1) == x);
    FEN_TRUE(fen_exp(b, x) != fen_exp(b, x));
    FEN_COUNT(w.faults.n, 0);
    close_world(&w);
}

static double first_of(world *w, fen_node *y, int64_t i) {
    evaluator e = {.b = w->b};
    run_all(&e);
    double v = at(&e, y, i);
    evaluator_free(&e);
    return v;
}

static void test_values(void) {
    world w = open_world(true);
    fen_builder *b = builder(&w, true);
    const double label[3] = {2, 0, -7}, by[3] = {3, -3, 3};
    fen_node *i = fenp_table(b, fen_vector(3), FEN_INTEGER, label), *j = fenp_table(b, fen_vector(3), FEN_INTEGER, by);
    fen_node *hot = fen_one_hot(b, i, 3), *rest = fenp_remainder(b, i, j), *real = fenp_remainder(b, fenp_to_real(b, i), fenp_to_real(b, j));
    fen_shape want = shape(";3,3");
    FEN_TRUE(fenp_same(&hot->shape, &want) && hot->type == FEN_REAL);
    const double expect[9] = {0, 0, 1, 1, 0, 0, 0, 0, 0}, remains[3] = {2, 0, 2}, line[3] = {-1, 0.5, 2};
    for (int k = 0; k < 9; k++) FEN_NEAR(first_of(&w, hot, k), expect[k], 0);
    for (int k = 0; k < 3; k++) {
        FEN_NEAR(first_of(&w, rest, k), remains[k], 0);
        FEN_NEAR(first_of(&w, real, k), remains[k], 0);
        FEN_NEAR(first_of(&w, fen_coordinate(b, 2), k), line[k], 1e-15);
        FEN_NEAR(first_of(&w, fen_abs(b, i), k), fabs(label[k]), 0);
        FEN_NEAR(first_of(&w, fen_where(b, fen_less(b, i, fenp_integer(b, 1)), i, j), k), label[k] < 1 ? label[k] : by[k], 0);
        FEN_NEAR(first_of(&w, fen_where(b, fenp_to_real(b, i), fenp_number(b, 1.5), j), k), label[k] != 0 ? 1.5 : by[k], 0);
    }
    fen_node *place = fen_feature_coordinate(b, hot, 0);
    for (int k = 0; k < 9; k++) FEN_NEAR(first_of(&w, place, k), k / 3, 0);
    fen_node *x = fen_log(b, fen_sub(b, fenp_number(b, 1), fen_sigmoid(b, fenp_number(b, 1000))));
    FEN_NEAR(first_of(&w, x, 0), -1000, 0);
    FEN_NEAR(first_of(&w, fen_power(b, fenp_number(b, -3), 5), 0), -243, 1e-13);
    FEN_TRUE(fenp_is_faulty(b, fen_one_hot(b, hot, 3)));
    FEN_TEXT(last_fault(&w), "one_hot: its input is real; labels must be integers");
    close_world(&w);
}

static void test_streams(void) {
    world w = open_world(false);
    fen_builder *b = builder(&w, false);
    b->site = "graph z";
    fen_node *x = fen_normal(b, "e", shape("b;2")), *y = fen_normal(b, "e", shape("b;2")), *z = fen_normal(b, "f", shape("b;2"));
    FEN_TRUE(x == y && x != z && fenp_node_of(x)->depends == FENP_ON_DRAW && !x->wide);
    FEN_COUNT(b->noises, 2);
    FEN_TEXT(b->noise[0].name, "graph z/e");
    FEN_COUNT(w.faults.n, 0);
    FEN_TRUE(fenp_is_faulty(b, fen_normal(b, "e", shape("b;3"))));
    FEN_TEXT(last_fault(&w), "noise graph z/e is drawn twice, as normal [batch; 2] and as normal [batch; 3]; give one of them another name");
    FEN_TRUE(fenp_is_faulty(b, fen_uniform(b, "e", shape("b;2"))));
    b->site = "graph y";
    FEN_TRUE(fen_normal(b, "e", shape("b;2")) != x);
    fen_node *p = fen_permutation(b, "p", 1);
    FEN_TRUE(p->type == FEN_INTEGER && p->shape.leads == 1 && p->shape.size[0] == 5);
    b->noise[0].hash = b->noise[1].hash;      /* as if two names collided */
    FEN_TRUE(fenp_is_faulty(b, fenp_noise_new(b, b->noise[1].name, &fenp_op_normal, shape("b;2"))));
    FEN_TEXT(last_fault(&w), "noise graph z/e and graph z/f have the same key; rename one of them");
    close_world(&w);
}

/* Every op of ops.h is in the table, and can be shaped, run and differentiated, or says that it cannot. */
static void test_table(void) {
    int n = 0;
    for (; fenp_ops[n]; n++) {
        const fen_op *op = fenp_ops[n];
        bool runs = (op->tile[0] && op->tile[1]) || (op->run[0] && op->run[1]) || op->flags & FEN_VIEW;
        bool memory = op == &fenp_op_slot || op == &fenp_op_feed || op == &fenp_op_faulty;
        fen_test_say(op->shape && (runs || memory), __LINE__, __FILE__, "%s has no shape rule or no kernel", op->name);
        fen_test_say(!op->arity || op->vjp || op->expand || op->flags & FEN_FLAT, __LINE__, __FILE__, "%s has no derivative", op->name);
        for (int i = 0; i < n; i++) fen_test_say(op != fenp_ops[i], __LINE__, __FILE__, "%s stands there twice", op->name);
    }
    FEN_COUNT(n, 91);                         /* declared in ops.h */
}

int main(void) {
    static const fen_test tests[] = {
        {"table", test_table}, {"shapes", test_shapes}, {"alignment", test_alignment}, {"width", test_width}, {"slots", test_slots}, {"types", test_types},
        {"poison", test_poison}, {"forms", test_forms}, {"values", test_values}, {"streams", test_streams}, {NULL, NULL},
    };
    return fen_test_run("builder", tests);
}
