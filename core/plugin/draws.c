/* Shapes that the frame of a call knows: of a draw, of an event of a law, of what the forward call was given. */
#include "plugin/call.h"

static fen_shape leads_of(fen_shape s) {
    fen_shape r = {.leads = s.leads, .rank = s.leads};
    for (int i = 0; i < s.leads; i++) { r.axis[i] = s.axis[i]; r.size[i] = s.size[i]; }
    return r;
}
static fen_shape features_of(fen_shape s) { return fen_features(s.rank - s.leads, s.size + s.leads); }

/* Leads, then features; false: more axes than a shape has room for. */
static bool join(const fen_shape *leads, const fen_shape *features, fen_shape *out) {
    *out = leads_of(*leads);
    if (leads->leads + features->rank > FEN_MAX_RANK) return false;
    for (int i = 0; i < features->rank; i++) out->size[out->rank++] = features->size[i];
    return true;
}

/* The union with the leads of s; an axis that has two sizes is a fault. */
static void add_leads(fen_builder *b, fen_shape *leads, fen_shape s) {
    fen_shape more = leads_of(s), both;
    if (fenp_align(leads, &more, &both)) { *leads = both; return; }
    for (int i = 0; i < leads->leads; i++) {
        int p = fenp_lead_of(&more, leads->axis[i]);
        if (p >= 0 && more.size[p] != leads->size[i])
            fenp_faulty(b, "%s: an input has %lld entries along %s, the draw %lld", b->call->function->name, (long long)more.size[p],
                b->axis[leads->axis[i]].name, (long long)leads->size[i]);
    }
}

/* What the draw must have as features: attribute `shape`, or the parameter that is initialised. false: nothing is asked for. */
static bool asked_features(fen_builder *b, const fenp_call *c, fen_shape *asked) {
    const fen_attribute *a = fenp_attribute(c->function, "shape", NULL);
    bool given = a && a->type == FEN_ATTR_SHAPE && fen_attr_given(b, "shape"), initialises = c->drawn.rank > c->drawn.leads;
    fen_shape wanted = features_of(c->drawn);
    *asked = given ? fen_attr_shape(b, "shape") : wanted;
    char one[160], two[160];
    if (given && initialises && !fenp_same(asked, &wanted))
        fenp_faulty(b, "%s: given shape %s for a parameter of shape %s; leave `shape` out", c->function->name,
                    fenp_shape_text(b, *asked, one), fenp_shape_text(b, wanted, two));
    return given || initialises;
}

fen_shape fen_draw_shape(fen_builder *b, fen_shape features) {
    const fenp_call *c = b->call;
    fen_shape leads = leads_of(features), event = features_of(features), asked, out;
    char one[160], two[160];
    if (!c) return features;
    add_leads(b, &leads, c->drawn);
    for (int i = 0; c->input && i < fenp_ports(c->function->inputs); i++)
        if (c->input[i] && !fenp_is_faulty(b, c->input[i])) add_leads(b, &leads, fen_shape_of(c->input[i]));
    if (asked_features(b, c, &asked)) {
        if (!fenp_align(&event, &asked, &out) || !fenp_same(&out, &asked))
            fenp_faulty(b, "%s: asked for a draw of shape %s, its inputs have %s; needs sizes that fit", c->function->name,
                        fenp_shape_text(b, asked, one), fenp_shape_text(b, event, two));
        event = asked;
    }
    if (!join(&leads, &event, &out))
        fenp_faulty(b, "%s: a draw of %d axes; needs at most %d", c->function->name, leads.leads + event.rank, FEN_MAX_RANK);
    return out;
}

fen_shape fen_event_shape(fen_builder *b) { return b->call ? features_of(b->call->event) : fen_features(0, NULL); }

fen_shape fen_forward_shape(fen_builder *b, const char *port) {
    const fenp_call *c = b->call;
    int i;
    port = fenp_text_given(port);
    const char *who = c ? c->function->name : "(none)";
    if (!c || !fenp_port(c->function->inputs, port, &i)) fenp_faulty(b, "plugin %s asks for the forward shape of `%s` that it does not declare", who, port);
    else if (!c->forward) fenp_faulty(b, "%s: inverted before it was ever called forward; call it forward in the graph", c->function->name);
    else return features_of(c->forward[i]);
    return fen_features(0, NULL);
}
