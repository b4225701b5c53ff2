/* config/item.c: the values of a document: making, finding, changing, comparing, copying them. No knowledge of YAML's text.
 * The arrays of a list or mapping have room for the next power of two of n, so two items never share one. */
#include "config/parts.h"
#include <string.h>

const char *const fenp_sort_name[] = {"nothing", "true or false", "a number", "a text", "a list", "a mapping"};

fenp_item *fenp_item_new(fenp_arena *memory, fenp_sort sort, fenp_place at) {
    fenp_item *item = fenp_arena_new(memory, sizeof *item);
    item->sort = sort;
    item->at = at;
    return item;
}

fenp_item *fenp_item_text(fenp_arena *memory, const char *text, fenp_place at) {
    fenp_item *item = fenp_item_new(memory, FENP_TEXT, at);
    item->text = fenp_arena_copy(memory, text, strlen(text));
    return item;
}

/* A number without fraction counts as written without point: counts and sizes are what programs make. */
fenp_item *fenp_item_number(fenp_arena *memory, double number, fenp_place at) {
    fenp_item *item = fenp_item_new(memory, FENP_NUMBER, at);
    item->number = number;
    item->whole = number >= -9007199254740992.0 && number <= 9007199254740992.0 && number == (double)(int64_t)number;
    fenp_text text = {0};
    fenp_number_write(number, item->whole, &text);
    item->text = fenp_arena_copy(memory, text.at, text.n);
    fenp_text_free(&text);
    return item;
}

/* Room for one more behind n entries. */
static void *grown(fenp_arena *memory, void *old, int n, size_t size) {
    if (n & (n - 1)) return old;
    void *wider = fenp_arena_new(memory, fenp_product(n ? 2 * (size_t)n : 1, size));
    if (n) memcpy(wider, old, (size_t)n * size);
    return wider;
}

void fenp_item_add(fenp_arena *memory, fenp_item *list, fenp_item *value) {
    list->item = grown(memory, list->item, list->n, sizeof *list->item);
    list->item[list->n++] = value;
}

int fenp_item_index(const fenp_item *mapping, const char *key) {
    if (!mapping || mapping->sort != FENP_MAPPING) return -1;
    for (int i = 0; i < mapping->n; i++)
        if (strcmp(mapping->key[i], key) == 0) return i;
    return -1;
}

fenp_item *fenp_item_get(const fenp_item *mapping, const char *key) {
    int i = fenp_item_index(mapping, key);
    return i < 0 ? NULL : mapping->item[i];
}

static void remove_entry(fenp_item *mapping, int i) {
    size_t after = (size_t)(--mapping->n - i);
    memmove(mapping->item + i, mapping->item + i + 1, after * sizeof *mapping->item);
    memmove(mapping->key + i, mapping->key + i + 1, after * sizeof *mapping->key);
    memmove(mapping->key_at + i, mapping->key_at + i + 1, after * sizeof *mapping->key_at);
}

void fenp_item_append(fenp_arena *memory, fenp_item *mapping, const char *key, fenp_item *value, fenp_place key_at) {
    int i = mapping->n++;
    mapping->item = grown(memory, mapping->item, i, sizeof *mapping->item);
    mapping->key = grown(memory, mapping->key, i, sizeof *mapping->key);
    mapping->key_at = grown(memory, mapping->key_at, i, sizeof *mapping->key_at);
    mapping->key[i] = fenp_arena_copy(memory, key, strlen(key));
    mapping->item[i] = value;
    mapping->key_at[i] = key_at;
}

void fenp_item_set(fenp_arena *memory, fenp_item *mapping, const char *key, fenp_item *value, fenp_place key_at) {
    int i = fenp_item_index(mapping, key);
    if (i >= 0 && !value) remove_entry(mapping, i);
    else if (i < 0 && value) fenp_item_append(memory, mapping, key, value, key_at);
    if (i < 0 || !value) return;
    mapping->item[i] = value;
    mapping->key_at[i] = key_at;
}

/* Depth is bounded by the limit of files. */
fenp_item *fenp_item_copy(fenp_arena *memory, const fenp_item *item) {
    fenp_item *copy = fenp_arena_new(memory, sizeof *copy);
    *copy = *item;
    copy->item = NULL;
    copy->key = NULL;
    copy->key_at = NULL;
    copy->n = 0;
    if (item->text) copy->text = fenp_arena_copy(memory, item->text, strlen(item->text));
    for (int i = 0; i < item->n; i++) {
        fenp_item *value = fenp_item_copy(memory, item->item[i]);
        if (item->sort == FENP_MAPPING) fenp_item_append(memory, copy, item->key[i], value, item->key_at[i]);
        else fenp_item_add(memory, copy, value);
    }
    return copy;
}

static bool same_scalar(const fenp_item *a, const fenp_item *b) {
    switch (a->sort) {
    case FENP_BOOL: return a->truth == b->truth;
    case FENP_NUMBER: return a->number == b->number && a->whole == b->whole;
    case FENP_TEXT: return strcmp(a->text, b->text) == 0;
    default: return true;
    }
}

bool fenp_item_equal(const fenp_item *a, const fenp_item *b) {
    if (!a || !b) return a == b;
    if (a->sort != b->sort || a->n != b->n || !same_scalar(a, b)) return false;
    for (int i = 0; i < a->n; i++) {
        if (a->sort == FENP_MAPPING && strcmp(a->key[i], b->key[i]) != 0) return false;
        if (!fenp_item_equal(a->item[i], b->item[i])) return false;
    }
    return true;
}
